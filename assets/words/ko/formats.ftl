# CSV 이외의 데이터 파일: JSON, 통합 문서, 폴더, 압축 파일.
data-is-old-workbook = { $file } 파일은 예전 형식이나 이진 형식의 통합 문서(.xls, .xlsb)입니다. 열어서 .xlsx, .ods 또는 CSV UTF-8로 저장하세요.
data-is-document = { $file } 파일은 표가 아니라 문서입니다. 표를 스프레드시트에 옮겨 .xlsx나 CSV UTF-8로 저장하세요.
data-workbook-locked = { $file } 파일은 암호로 보호되어 있습니다. 열어서 암호를 없애고 다시 저장하세요.
data-workbook-broken = { $file } 파일이 손상되어 통합 문서로 읽을 수 없습니다. 다시 내려받거나, 열어서 새로 저장하세요.
data-no-sheet = { $file } 파일에 “{ $sheet }” 시트가 없습니다. 있는 시트: { $sheets }.
data-several-sheets = { $file } 파일에는 표가 있는 시트가 여럿입니다: { $sheets }. 하나를 고르세요(--sheet 이름).
data-no-table-in-sheets = { $file } 파일에는 머리글 행과 그 아래 데이터 행이 있는 시트가 없습니다. 숨기지 않은 시트에 표를 두거나 시트를 지정하세요(--sheet 이름).
data-empty-sheet = { $file }: “{ $sheet }” 시트에 머리글 행이 없습니다. 텍스트 열과 레이블 열이 있는 머리글 행이 필요합니다.
data-repeated-cells = { $file } 파일에는 반복되는 셀이 너무 많아 메모리가 모자랍니다. 표 밖의 행과 열을 지우거나 CSV로 저장하세요.
data-too-many-columns = { $file } 파일의 열이 { $most }개를 넘습니다. 텍스트와 레이블만 따로 저장하세요.
data-to-convert = { $file }{ PARTICLE($file, "은/는") } Thaw가 읽지 않는 { $format } 파일입니다. 다음 명령을 실행하면 CSV 파일이 됩니다(Python과 pandas 필요): { $command }
data-to-unpack = { $file } 파일은 { $format } 형식으로 압축되어 있습니다. { $command } 명령으로 풀어서 나온 파일을 고르세요.

format-json-lines = JSON Lines, { $encoding }
format-json = JSON, { $encoding }
format-fasttext = fastText, { $encoding }
format-folder = 클래스별 폴더, { $encoding }
format-sheet = “{ $sheet }” 시트
panel-choose-folder = 클래스별 폴더…
    .hint = 클래스마다 폴더가 있고 그 안에 텍스트마다 파일이 있는 폴더입니다.
plan-is-data = { $file } 파일에는 계획이 아니라 레코드가 들어 있습니다. 1 데이터에서 데이터로 고르세요.
panel-sheet = 시트
    .hint = 통합 문서에서 읽을 시트입니다.
panel-sheet-choose = 시트 고르기
cli-arg-sheet = 통합 문서의 시트 (표가 있는 시트가 하나면 생략)

data-json-broken = { $file } 파일이 { $line }번째 줄 { $column }번째 글자에서 손상되어, 그 뒤는 JSON이 아닙니다. 원본에서 다시 저장하거나 그곳을 고치세요.
data-json-no-records = { $file } 파일은 JSON이지만 레코드가 없습니다. {"{"}"text": "…", "label": "…"{"}"} 같은 객체의 목록이나, 한 줄에 하나씩 적은 객체가 필요합니다.
data-json-several-lists = { $file } 파일에 레코드 목록이 여럿입니다: { $names }. 필요한 것만 따로 저장하세요.
data-json-document-too-large = { $file } 파일은 1GB가 넘는 JSON 객체 하나입니다. 레코드를 한 줄에 하나씩 JSON Lines로 저장하세요.

data-archive-broken = { $file } 파일이 손상되어 압축을 풀 수 없습니다. 다시 내려받으세요.
data-archive-locked = { $file } 파일은 암호로 보호되어 있습니다. 직접 압축을 풀어 나온 파일을 고르세요.
data-archive-unsafe = { $file } 파일에 압축 파일 밖으로 나가는 경로({ $name })가 있습니다. 풀지 말고, 만든 사람에게 다른 파일을 요청하세요.
data-archive-empty = { $file } 압축 파일에 데이터가 없습니다. 표 하나 또는 클래스별 폴더가 들어 있는 것을 고르세요.
data-archive-several = { $file } 압축 파일에 데이터일 수 있는 파일이 { $count }개 있습니다: { $names }. 압축을 풀어 하나를 고르세요.
data-archive-swells = { $file } 파일은 풀면 { $most_mb }MB를 넘는데, 텍스트라면 이 크기에서 그렇게 커지지 않습니다. 맞는 파일이면 압축을 풀어 나온 파일을 고르세요.
data-archive-nested = { $file } 파일은 압축 파일 안에 또 압축 파일이 들어 있습니다. 압축을 풀어 나온 파일을 고르세요.
data-archive-too-many = { $file } 안의 파일이 { $most }개를 넘습니다. 더 작은 폴더나 압축 파일을 고르세요.
data-folder-of-tables = { $file }{ PARTICLE($file, "은/는") } 표가 { $count }개 들어 있는 폴더입니다: { $names }. 이 파일 가운데 하나를 고르세요.
data-folder-no-classes = { $file } 폴더에 클래스별 폴더가 없습니다. 데이터 폴더에는 클래스마다 폴더가 있고 그 안에 텍스트마다 파일이 있어야 합니다. 이 폴더에 있는 것: { $names }.
data-folder-no-texts = { $file }: 파일 { $count }개 가운데 텍스트 파일이 없습니다. 클래스별 폴더에 텍스트 파일이 있는 폴더를 고르세요.
data-folder-is-run = { $file }{ PARTICLE($file, "은/는") } 데이터가 아니라 실행 폴더입니다. 실행으로 열거나, 표 또는 클래스별 폴더가 있는 폴더를 고르세요.
data-folder-is-model = { $file }{ PARTICLE($file, "은/는") } 데이터가 아니라 모델 폴더입니다. 모델로 고르거나, 표 또는 클래스별 폴더가 있는 폴더를 고르세요.

data-note-sheet = { $file }: “{ $sheet }” 시트를 읽습니다. 표가 있는 시트이거나 직접 고른 시트입니다.
data-note-of-archive = { $file }: 안에 있는 “{ $name }”{ PARTICLE($name, "을/를") } 읽습니다.
data-note-test-folder = { $file }: “{ $folder }” 폴더의 텍스트 { $count }개가 테스트 행입니다. 다른 행에서 테스트 행을 나누지 않습니다.
data-note-validation-folder = { $file }: “{ $folder }” 폴더의 텍스트 { $count }개가 검증 행입니다. 다른 행에서 검증 행을 나누지 않습니다.
data-note-test-part = { $file } 가운데 테스트 부분인 { $part }{ PARTICLE($part, "을/를") } 읽습니다.
data-note-unlabelled = { $file }: “{ $folder }” 폴더의 텍스트 { $count }개는 레이블이 없어 쓰지 않습니다.

data-skip-json = { $column }번째 글자부터 JSON이 아닙니다{ $place }
data-skip-json-value = 레코드가 아닌 JSON 값입니다{ $place }
data-skip-nested = 텍스트나 레이블이 목록이나 객체입니다{ $place }
data-skip-several-labels = 레이블이 { $count }개입니다({ $labels }){ $place }
data-skip-not-text = 텍스트 파일이 아닙니다{ $place }
