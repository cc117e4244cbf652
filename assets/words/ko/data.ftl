# 데이터 읽기: 파일, 열, 레이블.
data-not-a-file = { $file }{ PARTICLE($file, "은/는") } 파일이 아니라 폴더, 파이프 또는 장치입니다. 데이터를 CSV 파일로 저장해 고르세요.
data-too-large = { $file } 파일은 { $gigabytes }GB로, Thaw가 한 번에 읽을 수 있는 크기(4GB)를 넘습니다. 일부를 따로 저장해 쓰세요.
data-empty-file = { $file } 파일이 비어 있습니다. 머리글 행이 있고 행마다 텍스트와 레이블이 하나씩 있는 CSV 파일을 고르세요.
data-header-only = { $file } 파일에는 머리글 행만 있고 데이터 행이 없습니다. 텍스트와 레이블이 있는 파일을 고르세요.
data-is-binary = { $file } 파일은 텍스트 파일이 아닙니다. 머리글 행이 있고 행마다 텍스트와 레이블이 하나씩 있는 CSV 파일을 고르세요.
data-unknown-encoding = “{ $encoding }”{ PARTICLE($encoding, "은/는") } 알 수 없는 인코딩입니다. utf-8, utf-16, cp949, euc-kr, shift_jis, windows-1252 같은 이름을 쓰거나 비워 두면 자동으로 추측합니다.
data-wrong-encoding = { $file } 파일을 { $encoding } 인코딩으로 읽을 수 없습니다. 이 인코딩에 없는 바이트가 많은 행에 있고, 처음 나오는 곳은 { $row }행입니다. 다른 인코딩을 고르세요.
data-bad-delimiter = “{ $delimiter }”{ PARTICLE($delimiter, "은/는") } 구분 문자로 쓸 수 없습니다. 쉼표, 세미콜론, 탭, 세로줄 같은 문자 하나를 쓰세요.
data-zero-block = { $file } 파일의 { $row }행 부근이 0 바이트로 채워져 있어 파일의 일부가 사라졌습니다. 원본에서 다시 저장하세요.
data-nul-in-header = { $file } 파일의 머리글 행에 0 바이트가 들어 있습니다. 원본에서 CSV로 다시 저장하세요.
data-one-column = { $file } 파일에 열이 하나(“{ $column }”)뿐입니다. 텍스트 열과 레이블 열이 필요합니다. 둘 다 있다면 구분 문자를 직접 고르세요.
data-unclosed-quote = { $file } 파일의 { $row }행에서 열린 따옴표가 제대로 닫히지 않아, 뒤의 어느 행까지 텍스트인지 확실하지 않습니다. "로 닫거나, 따옴표로 감싼 텍스트 안의 따옴표는 ""로 쓰세요. 이 파일에서 따옴표가 보통 글자라면 그렇게 알려 주세요(--quoting none 또는 데이터의 ‘따옴표’).
data-unknown-column = { $file } 파일에 “{ $column }” 열이 없습니다. 있는 열: { $columns }.
data-duplicate-column = { $file } 파일에 이름이 “{ $column }”인 열이 여럿입니다({ $places }번째 열). 하나만 남기고 이름을 바꾸세요.
data-same-column = { $file }: 텍스트와 레이블을 같은 열 “{ $column }”에서 가져올 수 없습니다. 서로 다른 두 열을 고르세요.
data-same-second = { $file }: 두 번째 텍스트를 “{ $column }” 열에서 가져올 수 없습니다. 이미 { $labels ->
        [0] 첫 번째 텍스트
       *[other] 레이블
    }에 쓰는 열입니다. 다른 열을 고르세요(--second-text-column 이름, 또는 데이터의 ‘두 번째 텍스트’). 있는 열: { $columns }.
data-no-header = { $file } 파일에 머리글 행이 없는 듯합니다. 첫 행에 레이블 가운데 하나인 “{ $label }”{ PARTICLE($label, "이/가") } 있습니다. 머리글이 없다면 --header no 또는 데이터의 ‘첫 행’으로, 열 이름이 맞다면 --header yes로 알려 주세요.
data-all-skipped = { $file } 파일의 { $rows }개 행 가운데 쓸 수 있는 행이 없습니다. 가장 많은 까닭은 { $row }행에서 처음 나옵니다: { $reason }. 구분 문자와 따옴표, 열({ $columns })을 제대로 골랐는지 확인하세요.
data-numeric-text = { $file }: 텍스트 열 “{ $column }”에 숫자가 들어 있습니다. 다음 중 텍스트가 있는 열을 고르세요: { $columns }.
data-one-class = { $file }: “{ $column }” 열의 레이블이 모두 “{ $label }”입니다. 분류하려면 클래스가 둘 이상이어야 합니다. 다른 레이블 열이나 파일을 고르세요.
data-labels-all-differ = { $file }: “{ $column }” 열의 레이블 { $rows }개가 모두 서로 달라 배울 것이 없습니다. 다른 레이블 열을 고르세요.
data-scores = { $file }: “{ $column }” 열에 소수가 있는 서로 다른 수가 { $values }개 있습니다({ $examples }, ...). 이는 클래스가 아니라 점수이며, Thaw는 분류기를 학습합니다. 다른 레이블 열을 고르거나, 점수 대신 0과 1 같은 몇 개의 등급을 정수로 적으세요.
data-several-labels = { $file }: 레이블일 수 있는 열이 { $count }개입니다: { $columns }. Thaw는 텍스트마다 레이블 하나를 배웁니다. 그중 하나를 고르세요(--label-column 이름, 또는 데이터의 ‘레이블 열’).
data-label-lists = { $file }: “{ $column }” 열의 { $row }행 “{ $label }”처럼 한 칸에 레이블이 여러 개 있습니다. Thaw는 텍스트마다 레이블 하나를 배웁니다. 칸마다 레이블을 하나만 남기세요. 조합마다 하나의 클래스로 쓰려면 그 열을 직접 고르세요(--label-column, 또는 데이터의 ‘레이블 열’).
data-many-skipped = { $file }: { $rows }개 행 가운데 { $count }개({ $percent }%)를 쓸 수 없습니다. 가장 많은 까닭은 { $row }행에서 처음 나옵니다: { $reason }. 파일과 읽는 방식을 확인하거나, 나머지 { $left }개 행만 쓰겠다고 알려 주세요(--accept-skipped 또는 데이터의 버튼).
data-skipped-before = 그 전에 { $count }개 행을 건너뛰었고, 처음은 { $row }행입니다: { $reason }.
data-too-many-classes = { $file }: “{ $column }” 열에 서로 다른 레이블이 { $classes }개로, 최대 { $most }개를 넘습니다. 다른 레이블 열을 고르세요.
data-class-too-small = { $file }: 레이블이 “{ $label }”인 행이 { $count }개뿐이라 { $parts }개 부분(학습과 거기서 나누는 부분)에 하나씩 돌아가지 않습니다. 그런 행을 늘리거나 그 레이블을 빼거나, 나누는 비율이나 행 수 제한을 바꾸세요.
data-unknown-label = { $file } 파일 { $row }행: 레이블 “{ $label }”{ PARTICLE($label, "이/가") } 학습 파일에 없습니다. 학습 파일의 레이블: { $labels }. 레이블을 고치거나 학습 파일에 그런 행을 추가하세요.
data-labels-not-of-model = { $file } 파일 { $row }행: 레이블 { $count }개({ $open })가 모델의 레이블에 없고, 알 수 없는 것은 추측하지 않습니다. 파일의 레이블: { $labels }; 모델의 레이블: { $classes }. 파일의 레이블이 각각 모델의 어느 레이블인지 { $option }처럼 알려 주거나, 레이블을 고치거나, 레이블 열을 다시 고르세요.
labels-not-of-model = 모델에 딸려 온 분류 헤드를 그대로 쓸 수 없습니다. 레이블 { $count }개({ $open })가 그 헤드에 없습니다. 데이터의 레이블: { $labels }; 모델의 레이블: { $classes }. 데이터의 레이블이 각각 모델의 어느 레이블인지 { $option }처럼 알려 주거나, --keep-head와 --label-map을 빼고 새 분류 헤드로 시작하세요.
label-map-unknown-class = 레이블 “{ $label }”에 “{ $class }”{ PARTICLE($class, "을/를") } 짝지었지만, 모델에 그런 레이블이 없습니다. 모델의 레이블: { $classes }.
label-map-twice = 레이블 “{ $label }”에 “{ $class }”{ PARTICLE($class, "와/과") } “{ $other }”{ PARTICLE($other, "을/를") } 함께 짝지었습니다. 하나만 쓰세요.
label-map-unused = 레이블 짝에 적은 “{ $label }”{ PARTICLE($label, "은/는") } 데이터에 없는 레이블입니다. 데이터의 레이블: { $labels }. 이 짝은 쓰이지 않습니다. 고치거나 빼세요.
label-map-misspelt = 레이블 짝에 적은 “{ $label }”{ PARTICLE($label, "은/는") } 데이터에 없는 레이블입니다. 데이터의 레이블: { $labels }. 혹시 “{ $similar }”인가요?
label-map-unreadable = { $file } 파일 { $line }행: 레이블 짝 목록이 아닙니다. JSON 객체로 쓰거나, 머리글 없이 파일의 레이블과 모델의 레이블을 두 열로 쓰세요.

# 행을 건너뛴 까닭.
data-skip-fields = 필드가 { $columns }개가 아니라 { $fields }개입니다{ $place }
data-skip-empty-text = 텍스트가 비어 있습니다{ $place }
data-skip-empty-second = 두 번째 텍스트가 비어 있습니다{ $place }
data-skip-empty-label = 레이블이 비어 있습니다{ $place }
data-skip-missing-text = 텍스트가 빈 값을 뜻하는 “{ $word }”입니다(--keep-missing-words로 남길 수 있음){ $place }
data-skip-missing-second = 두 번째 텍스트가 빈 값을 뜻하는 “{ $word }”입니다(--keep-missing-words로 남길 수 있음){ $place }
data-skip-missing-label = 레이블이 빈 값을 뜻하는 “{ $word }”입니다(--keep-missing-words로 남길 수 있음){ $place }
data-skip-header = 머리글 행이 되풀이됩니다{ $place }
data-skip-unclosed-quote = 열린 따옴표가 닫히지 않습니다{ $place }
data-skip-nul = 행에 0 바이트가 들어 있습니다{ $place }
data-skip-undecodable = { $encoding } 인코딩이 아닌 문자가 있습니다{ $place }

# 파일을 읽은 방식.
data-read-backslash = 텍스트 안의 따옴표와 구분자 앞에 백슬래시가 있습니다(--quoting backslash).
data-read-single = 작은따옴표가 칸을 감쌉니다(--quoting single).
data-read-unquoted = 따옴표를 보통 글자로 읽습니다(--quoting none).
data-read-likely-pair = “{ $first }”{ PARTICLE($first, "와/과") } “{ $second }”{ PARTICLE($second, "은/는") } 한 행의 두 텍스트로 보이지만 지금은 “{ $read }”만 읽습니다. 둘 다 읽으려면: { $flags }
data-read-headless = 첫 행도 데이터이므로 열 이름은 1, 2, 3, ...입니다(--header no).
data-merged-label = “{ $label }”{ PARTICLE($label, "은/는") } { $others }도 나타냅니다.
data-merged-other = “{ $label }”({ $count }개 행)

# 데이터의 상태.
health-overlap = { $part ->
       *[test] 테스트 행 { $of }개 가운데 { $rows }개의 텍스트가 { $with ->
           *[train] 학습 행에도 있어, 테스트가 모델이 이미 본 것을 일부 잽니다.
            [validation] 검증 행에도 있습니다. 검증이 가장 좋은 에폭을 남기면 테스트가 그 선택을 도운 셈이 됩니다.
        }
        [validation] 검증 행 { $of }개 가운데 { $rows }개의 텍스트가 학습 행에도 있어, 검증이 모델이 이미 본 것을 일부 잽니다.
    }
health-overlap-files = { $line } 이 행들을 한쪽 파일에서 빼세요.
health-conflicts = 텍스트 { $texts }개에 서로 다른 레이블이 붙어 있습니다(행 { $rows }개). 어떤 모델도 모두 맞힐 수 없으니 레이블을 확인하세요.
health-copies = 텍스트 { $texts }개가 여러 행에 있습니다(모두 { $rows }개 행).
health-copies-together = 같은 텍스트는 나눈 데이터의 한 부분에만 들어갑니다.
health-copies-apart = 같은 텍스트가 나눈 데이터의 여러 부분에 들어 있습니다.
health-few-texts = 레이블 “{ $label }”에는 서로 다른 텍스트가 { $texts }개뿐이라(행 { $rows }개) 나눈 모든 부분에 같은 텍스트가 들어갑니다. 이 레이블의 다른 텍스트를 모델이 맞히는지 테스트로는 알 수 없습니다. 텍스트를 늘리거나 그 레이블을 빼세요.
health-skipped = { $count ->
        [1] { $row }행을 건너뜁니다: { $reason }.
       *[other] { $count }개 행을 건너뜁니다. 처음은 { $row }행입니다: { $reason }.
    }
health-skipped-otherwise = 그 밖의 드문 까닭으로 { $count }개 행을 더 건너뜁니다.
health-constant = “{ $column }” 열은 모든 행에서 “{ $value }”입니다.
health-empty = “{ $column }” 열은 모든 행에서 비어 있습니다.
health-overlap-title = { $part ->
       *[test] 테스트 행 { $of }개 가운데 { $rows }개
        [validation] 검증 행 { $of }개 가운데 { $rows }개
    }가 { $with ->
       *[train] 학습에도 있음
        [validation] 검증에도 있음
    }
health-few-texts-title = “{ $label }”: 행 { $rows }개에 텍스트 { $texts }개
health-conflicts-title = 텍스트 { $texts }개에 서로 다른 레이블(행 { $rows }개)
health-skipped-title = 건너뛴 행 { $count }개: { $reason }
health-copies-title = 여러 행에 있는 텍스트 { $texts }개(행 { $rows }개)
health-spellings-title = “{ $label }”의 표기 { $count }가지
health-unknown-title = 모델이 모르는 단어 { $share }
health-letters-title = 조각의 { $share }{ PARTICLE($share, "이/가") } 모르는 것이거나 글자 하나
health-constant-title = “{ $column }” 열은 모든 행에서 같음
health-rows-first = { $line } 처음은 { $first }행입니다.
health-rows-first-two = { $line } 처음은 { $first }행과 { $second }행입니다.
health-row-of = { $row }({ $part ->
       *[validation] 검증 파일
        [test] 테스트 파일
    })
health-test-seen = 테스트 행 { $of }개 가운데 { $rows }개의 텍스트는 학습에도 쓰여, 이 수치는 실제보다 좋게 나옵니다.

# 체크포인트의 토크나이저.
tokeniser-missing = { $place }에 토크나이저가 없습니다. tokenizer.json과 vocab.txt 가운데 하나를 넣으세요.
tokeniser-unreadable = { $place }의 { $file } 파일을 읽을 수 없습니다. 파일을 다시 받으세요.
tokeniser-no-token = { $place }의 토크나이저에 텍스트 분류에 필요한 “{ $token }” 토큰이 없습니다. BERT 모델의 파일이 맞는지 확인하세요.
tokeniser-no-pairs = { $model }의 토크나이저는 텍스트 두 개를 한 행에 어떻게 넣는지 정하지 않습니다. 다른 모델을 고르거나 행마다 텍스트 하나만 쓰세요.
tokeniser-unusable = { $place }의 토크나이저를 쓸 수 없습니다. BERT 모델의 파일이 맞는지 확인하세요.
tokeniser-class = { $place }의 토크나이저는 { $class }입니다. 이 버전은 이 토크나이저를 계산하지 못합니다. 빠른(fast) 버전이 있다면 다음 명령으로 tokenizer.json을 만들어 쓸 수 있습니다: `python -c "from transformers import AutoTokenizer; AutoTokenizer.from_pretrained('{ $place }', trust_remote_code=True).save_pretrained('{ $place }')"`. 없다면 다른 모델을 선택하세요.
tokeniser-class-slow = { $place }의 토크나이저는 Python 프로그램으로만 있는 { $class }입니다. tokenizer.json이 없고, 다른 규칙으로 읽으면 대부분의 단어를 모르게 됩니다. 다른 모델을 선택하세요.
tokeniser-class-of-file = { $place }의 tokenizer_config.json에 적힌 토크나이저 클래스 { $class }{ PARTICLE($class, "은/는") } tokenizer.json의 내용을 바꿀 수 있습니다. tokenizer.json이 토크나이저의 전부라면 거기에 "tokenizer_class": "PreTrainedTokenizerFast"라고 적고, 아니라면 다른 모델을 선택하세요.
tokeniser-code = { $place }의 tokenizer_config.json은 프로그램을 토크나이저로 지정합니다(“auto_map”의 { $class }). 다른 사람의 프로그램은 여기서 실행하지 않습니다. 다른 모델을 선택하거나, 그 프로그램 없이도 되는 토크나이저라면 “auto_map”을 지우세요.
tokeniser-needs-json = { $place }의 토크나이저는 { $class }이며, tokenizer.json에서만 읽을 수 있습니다. 다음 명령으로 만드세요: `python -c "from transformers import AutoTokenizer; AutoTokenizer.from_pretrained('{ $place }').save_pretrained('{ $place }')"`.
tokeniser-class-files = { $place }의 토크나이저는 { $class }인데 그 파일이 없습니다: { $files }. 이 모델의 토크나이저를 폴더에 복사하세요.
tokeniser-sentence-pieces = { $place }의 vocab.txt는 BERT의 단어가 아니라 SentencePiece 토크나이저의 조각입니다. BERT의 것으로 읽으면 거의 모든 단어를 모르게 됩니다. 이 모델의 tokenizer.json을 넣거나 다른 모델을 선택하세요.
tokeniser-setting = { $place }의 tokenizer_config.json에서 “{ $field }” 값이 { $value }입니다. Python의 느린(slow) 토크나이저만 따르는 설정입니다. 이 모델의 tokenizer.json을 넣거나 다른 모델을 선택하세요.
tokeniser-added-id = { $place }의 { $file } 파일에는 토큰 “{ $token }”의 번호가 { $id }인데, 어휘에 따르면 { $found }입니다. 서로 다른 모델의 파일입니다. 이 모델의 토크나이저 파일을 모두 폴더에 복사하세요.
tokeniser-special-conflict = { $place }의 tokenizer_config.json은 { $name }_token을 “{ $token }”{ PARTICLE($token, "으로/로") } 적었지만, tokenizer.json은 그 자리에 “{ $found }” 토큰을 넣습니다. 이 모델의 토크나이저 파일을 모두 폴더에 복사하세요.

# 모델을 평가할 파일.
label-match-line = 레이블: { $pairs }
label-match-number = { $pairs } (추측: 레이블을 0부터의 번호로 봄)
label-match-form = { $pairs } (추측: 이름의 표기만 다름)
label-match-stated = { $pairs } (지정한 대로)

legibility-poor = 이 모델은 이 글의 언어를 거의 읽지 못합니다. 모르는 조각이거나 글자 하나짜리인 것이 { $share }입니다. 이 언어로 만든 모델을 고르세요.
legibility-pieces = 모델이 읽는 조각
legibility-colours = 표시한 것은 글자 하나짜리 조각과 모델이 모르는 조각입니다.
