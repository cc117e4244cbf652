# 행마다 답을 붙인 파일: thaw predict --data FILE --out FILE, 그리고 써 보기.

cli-predict-out = --data의 모든 행을 예측과 레이블별 확률을 붙여 새 CSV 파일로 씁니다
answers-file-exists = { $file } 파일이 이미 있습니다. 파일은 덮어쓰지 않으니 다른 이름을 쓰세요.
file-exists = { $file } 파일이 이미 있습니다. 다른 이름을 쓰세요.
data-which-texts = { $file }에 흔히 쓰는 텍스트 열 이름이 없어 어느 열을 분류할지 알 수 없습니다. --text-column으로 정하세요. 있는 열: { $columns }.
data-line-too-long = { $file }의 { $row }번째 줄(행)이 너무 길어 읽을 수 없습니다. 파일에 줄 바꿈이 있는지 확인하세요.
answered-far = { $rows }행, 초당 { $speed }행
answered-far-left = { $far }, { $left } 남음
answered-done = { $data }의 { $rows }행을 예측과 함께 { $file }에 썼습니다({ $time }, 초당 { $speed }행).
cli-answers-without = { $file }에서 예측이 없는 행: { $count }
cli-answers-whole = { $file } 파일은 통째로 메모리에 올렸습니다. 긴 CSV, TSV, JSON lines, fastText 파일은 조금씩 읽습니다.
cli-answers-renamed = { $file }에 같은 이름의 열이 이미 있어 이 열들은 { $names }{ PARTICLE($names, "으로/로") } 씁니다.
cli-answers-cancelled = 취소했습니다. 파일을 쓰지 않았습니다.
answers-saved = 저장했습니다: { $file }
answered-choose = 파일로 예측…
    .hint = 파일의 모든 행을 예측합니다. 원래 열을 모두 두고 예측한 레이블과 레이블별 확률을 붙인 CSV 파일이 나옵니다. 파일을 여기에 끌어다 놓아도 됩니다.
answered-file = { $file }의 행을 하나씩 예측합니다.
answered-save = 예측을 저장할 곳…
    .hint = 새 파일을 둘 곳을 고르면 시작합니다
answered-under-way = { $file }: { $far }
answered-folder = 폴더 열기
answered-forget = 닫기
answered-column = 텍스트 열
answered-column-guessed = { $file }의 “{ $column }” 열을 텍스트로 읽었습니다.
dialog-answers = 예측 저장
