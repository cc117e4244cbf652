# 창: 막대, 화면, 알림, 대화 상자.
window-title = Thaw
drop-here = 여기에 놓을 수 있는 것
worker-gone = Thaw의 엔진이 멈추어 더 읽거나 학습할 수 없습니다. 필요한 것을 저장하고 Thaw를 다시 시작하세요.

## 학습할 내용
chip-reading = 읽는 중…
chip-no-data = 데이터 없음
chip-no-model = 모델 없음
chip-data = 데이터: { $name }
chip-model = 모델: { $name }
chip-freeze = 동결: { $name }
chip-change = 누르면 바꿀 수 있습니다.
chip-freeze-hover = 파라미터 { $total }개 중 { $trainable }개를 학습합니다. 누르면 바꿀 수 있습니다.

## 단추
button-train = 학습 시작
    .hint = 이 설정으로 미세 조정합니다 (Ctrl+Enter 또는 F5).
button-pause = 일시정지
    .hint = 이 배치가 끝나면 잠시 멈춥니다 (Ctrl+P).
button-resume = 계속
    .hint = 멈춘 곳에서 이어 갑니다 (Ctrl+P).
button-stop = 중지
    .hint = 이 배치가 끝나면 실행을 마치고 배운 것을 남깁니다 (Ctrl+.).
button-no-run = 실행 중인 것이 없습니다.
switch-language = 언어
look-menu = 보기
switch-theme = 테마
theme-system = 시스템
theme-light = 밝게
theme-dark = 어둡게
train-blocked-running = 학습이 진행 중입니다. 중지하거나 끝날 때까지 기다리세요.
train-blocked-data-loading = 데이터를 아직 읽고 있습니다.
train-blocked-data-failed = 데이터를 쓸 수 없습니다. 이유와 고칠 방법은 ‘데이터’에 있습니다.
train-blocked-model-loading = 모델을 아직 읽고 있습니다.
train-blocked-model-failed = 모델을 읽지 못했습니다. 모델에서 다른 것을 고르세요.

## 알림
notice-error = 오류
notice-warning = 알림
notice-done = 완료
notices-more = 알림 { $count }개 더
notice-undo = 되돌리기
notice-dismiss = 닫기

## 대화 상자
dialog-data = 데이터 파일 고르기
dialog-data-folder = 클래스별 폴더가 든 폴더 고르기
dialog-tables = 표 (CSV, JSON, .xlsx, .ods, 압축 파일)
dialog-all-files = 모든 파일
dialog-model = 모델 폴더 고르기
folder-not-opened = 파일 관리자를 열 수 없습니다. 폴더는 { $folder }입니다.

## 화면
tab-live = 실시간
tab-results = 결과
tab-try = 써 보기

chart-step = 스텝
chart-loss = 손실
    .axis = 교차 엔트로피 (nat)
    .hint = 예측이 얼마나 틀렸는지를 나타내는 평균 교차 엔트로피입니다. 두 클래스를 찍기만 하면 0.69입니다. 끌면 이동, Ctrl+휠로 확대, 두 번 누르면 처음으로 돌아갑니다.
    .empty = 스텝마다의 손실이 여기에 그려집니다. 학습 시작을 누르면 시작합니다.
chart-accuracy = 정확도
    .axis = 맞힌 비율
    .hint = 맞게 예측한 행의 비율입니다. 끌면 이동, Ctrl+휠로 확대, 두 번 누르면 처음으로 돌아갑니다.
    .empty = 학습과 검증의 정확도가 여기에 그려집니다.
chart-learning-rate = 학습률
    .axis = 학습률
    .hint = 스케줄에 따라 한 스텝이 가중치를 얼마나 움직이는지 나타냅니다.
    .empty = 스텝마다의 학습률이 여기에 그려집니다.
chart-grad-norm = 기울기 노름
    .axis = 클리핑 전 노름
    .hint = 클리핑 전 전체 기울기의 길이입니다.
    .empty = 스텝마다의 기울기 노름이 여기에 그려집니다.
chart-clip = { $norm } 초과 시 클리핑
chart-single-steps = 한 스텝
chart-within-step = 진행 중인 스텝
chart-training = 학습
chart-validation-sample = 검증 표본
chart-validation = 검증
plot-menu = { $name } 그리는 방법
plot-smoothing = 스무딩
    .hint = 최근 스텝일수록 크게 반영하는 평균으로, TensorBoard와 같습니다. 스텝마다의 값은 뒤에 옅게 남습니다. 0이면 모든 스텝을 그대로 그립니다.
plot-log = 로그 축
    .hint = 10배마다 같은 간격으로 그려 작은 값도 구별됩니다. 0 이하의 값은 빠집니다.
plot-log-along = 로그
    .hint = 가로축을 10배마다 같은 간격으로 그려 처음 스텝이 넓게 보입니다.
plot-middle = 이상치 잘라 내기
    .hint = 축을 1~99 백분위수 사이의 값에 맞춥니다. 밖에 있는 값의 수는 그래프에 적힙니다.
plot-outside = 축은 1~99 백분위수에 맞춤, 밖에 { $count }개
chart-summary-empty = { $title }: 아직 없음
chart-summary = { $title }, 스텝 { $step }

live-empty-matrix = 검증 행의 혼동 행렬이 여기에 표시됩니다.
live-first-numbers = 첫 숫자를 기다리고 있습니다.
live-no-numbers = 첫 숫자가 나오기 전에 실행이 끝났습니다.

matrix-heading = 혼동 행렬
matrix-hover = 행은 실제 레이블, 열은 모델이 예측한 레이블입니다. 비율은 행 안에서의 비율입니다.
matrix-predicted = 예측
matrix-true = 실제
matrix-of-sample = 표본 { $rows }행, 스텝 { $step }
matrix-of-validation = 전체 { $rows }행, 스텝 { $step }
matrix-of-test = 테스트 { $rows }행
matrix-of-some = 클래스 { $classes }개 중 { $shown }개
matrix-fit = 맞추기
matrix-zoom = 확대
matrix-cell = 실제 { $true }, 예측 { $predicted }
    { $count }행, 실제 { $true }의 { $share }
matrix-summary = { $title }: { $rows }행 중 { $correct }행 맞음

stage-read-data = 데이터 읽는 중
stage-tokenise = 토큰으로 나누는 중
stage-load-model = 모델 읽는 중
stage-load-weights = 가중치 불러오는 중
stage-fingerprint = 가중치 지문 계산 중
stage-validate = 검증 중
stage-test = 테스트 중
stage-save = 저장 중

status-bar = 스텝의 { $percent } 진행
status-step = 스텝 { $value }
status-epoch = 에폭 { $value }
status-remaining = { $value } 남음
status-elapsed = { $value } 경과
status-rate = 초당 { $value }행
status-took = { $value } 걸림
status-ready = 학습할 준비가 되었습니다
status-ready-estimate = 준비됨: 약 { $time }
status-starting = 시작하는 중
status-training = 학습 중
status-within-step = 스텝 { $step }의 { $percent }
status-of-race = { $name }, { $runs }개 중 { $run }번째: { $doing }
status-paused = 일시정지
status-stopping = 중지하고 저장하는 중
status-stopped = 중지됨
status-failed = 실패
status-completed = 완료
status-see-results = 결과 보기
run-line = { $freeze }, 에폭 { $epochs }, 배치 { $batch }, 학습률 { $rate }

## 결과
results-empty = 학습이 끝나면 테스트 행의 정확도와 클래스마다의 정밀도, 재현율, F1, 혼동 행렬이 여기에 나옵니다.
results-later = 마지막 에폭 다음에 테스트합니다.
results-failed = 학습이 실패하여 테스트할 것이 없습니다.
results-untested = 아직 테스트하지 않음
results-stopped = 학습이 { $total }스텝 중 { $step }스텝에서 중지되어 테스트하지 않았습니다. 그때까지 배운 것은 폴더에 남아 있습니다.
results-evaluate = 지금 테스트
    .hint = 저장된 모델을 이 실행의 테스트 행으로 평가합니다.
results-evaluating = 저장된 모델을 테스트하는 중…
results-accuracy = 테스트 정확도
    .hint = 맞게 예측한 테스트 행의 비율입니다. 학습에 쓰지 않고 따로 둔 행입니다.
results-interval = 95% 구간 { $low } ~ { $high }
    .hint = 윌슨 구간: 같은 수의 다른 테스트 행으로 재면 정확도는 대개 이 안에 있습니다.
results-majority = 다수 클래스 { $value }
    .hint = 항상 가장 흔한 레이블로 예측했을 때의 정확도입니다.
results-scale = 정확도 { $accuracy }{ PARTICLE($accuracy, "와/과") } 95% 구간. 세로 표시는 다수 클래스 { $majority }입니다.
results-macro-f1 = 매크로 F1 { $value }
    .hint = 클래스마다의 F1을 똑같이 세어 평균한 값입니다.
results-loss = 손실 { $value }
    .hint = 테스트 행의 평균 교차 엔트로피(nat)입니다.
results-rows = { $value }행
    .hint = 테스트에 쓴 행입니다.
results-run = 이 실행
results-train-time = 학습 시간 { $value }
    .hint = 동결한 층의 결과처럼 여러 실행이 함께 쓰는 계산은 한 번만 하고, 그 시간은 각 실행에 포함합니다.
results-memory = 최대 메모리 { $value }
    .hint = 이 실행에 필요했던 메모리입니다. 추정치처럼 프로그램, 모델 가중치, 학습하면서 늘어난 것을 더합니다. 다른 실행을 위해 보관한 것은 넣지 않습니다.
results-of-stopped = 일찍 중지된 실행: 숫자는 그때의 모델을 잰 것입니다.
class-weights-line = 손실의 클래스 가중치: { $weights }
    .hint = 학습 손실과 검증 손실은 행마다 그 클래스의 가중치를 곱해 셉니다. 정확도, F1과 테스트 손실은 모든 행을 한 번씩 셉니다.
results-open-folder = 실행 폴더 열기
    .hint = 설정, 스텝마다의 숫자, 지표와 모델이 있습니다. 파이썬의 from_pretrained로 바로 읽을 수 있습니다.
results-per-class = 클래스별
    .hint = 레이블마다 얼마나 잘 찾고, 그 예측을 얼마나 믿을 수 있는지 보여 줍니다.
results-search = 클래스 찾기
    .hint = 이름에 이 글자가 있는 클래스만 보여 줍니다. 행렬은 그 클래스와 서로 혼동된 클래스를 함께 보여 줍니다.
results-none-found = 이름에 이 글자가 있는 클래스가 없습니다.
results-order-data = 데이터 순서
    .hint = 표와 행렬의 클래스를 데이터에 있는 순서로 놓습니다.
results-order-worst = 나쁜 것부터
    .hint = 표와 행렬의 클래스를 F1이 낮은 것부터 놓습니다.
results-pairs = 많이 틀린 쌍
    .hint = 가장 자주 틀린 경우: 실제 클래스, 예측한 클래스, 행 수와 그 클래스의 행 중 비율입니다.
results-no-pairs = 그런 오류가 없습니다.
results-true = 실제
results-predicted = 예측
results-count = 행
results-share = 비율
results-open-cell = 클릭하면 행렬에서 그 칸을 보여 줍니다.
results-rows-of = 실제 레이블이 { $label }인 테스트 행 보기
results-rows-predicted = { $label }{ PARTICLE($label, "으로/로") } 예측한 테스트 행 보기
results-label = 레이블
    .hint = 실제 레이블입니다.
results-precision = 정밀도
    .hint = 이 레이블로 예측한 행 중 실제로 이 레이블인 비율입니다.
results-recall = 재현율
    .hint = 실제로 이 레이블인 행 중 모델이 찾아낸 비율입니다.
results-f1 = F1
    .hint = 정밀도와 재현율의 조화 평균입니다.
results-support = 행
    .hint = 이 레이블을 가진 테스트 행의 수입니다.
results-copy = 표 복사
    .hint = 표를 스프레드시트에 붙일 수 있게 복사합니다.

## 써 보기
try-sentence = 문장
    .hint = 데이터와 같은 언어로 문장을 쓰세요
try-first = 첫 번째 텍스트
    .hint = 데이터의 첫 번째 텍스트 열처럼 쓰세요
try-second = 두 번째 텍스트
    .hint = 데이터의 두 번째 텍스트 열처럼 쓰세요
try-column = { $name }({ $column })
try-write-both = 먼저 두 텍스트를 모두 쓰세요.
try-hint-pair = Enter를 누르면 마지막 실행의 모델이 두 텍스트를 어떻게 보는지 나옵니다.
try-predict = 예측
    .hint = 학습한 모델에게 묻습니다 (Enter).
try-write-first = 먼저 문장을 쓰세요.
try-no-model = 아직 학습한 모델이 없습니다. 학습 시작을 누르세요. 끝나면 그 모델이 여기에서 답합니다.
try-while-running = 학습이 진행 중입니다. 일시 정지하거나 끝나면 그 모델이 여기에서 답합니다.
try-hint = Enter를 누르면 마지막 실행의 모델이 어떻게 보는지 나옵니다.
try-verdict = { $label }, { $probability }
try-keep = 보관
    .hint = 문장을 목록에 보관합니다. 다음에 켜도 남아 있고, 여러 모델의 답을 나란히 볼 수 있습니다.
try-kept-already = 이미 보관한 문장입니다.
try-kept-all = 문장은 { $most }개까지 보관합니다. 먼저 하나를 지우세요.
try-kept = 내 문장
    .hint = 보관한 문장마다 이 실행, 사전 학습 모델, 다른 실행의 답을 나란히 봅니다.
try-kept-click = 문장을 누르면 그 문장만 봅니다. 굵은 답은 이 실행과 레이블이 다릅니다.
try-none-kept = 보관한 문장이 없습니다. 문장을 쓰고 “보관”을 누르세요.
try-remove = 삭제
try-remove-this = “{ $text }” 삭제
try-paused = 실행이 일시 정지되어 지금 상태의 모델이 답합니다. 단어별 설명은 실행이 끝나면 볼 수 있습니다.
try-of-run = 이 실행({ $name })의 답
try-of-paused = 이 실행의 답({ $step }스텝 뒤 일시 정지)

## 디스크에 있는 실행
tab-runs = 실행
runs-empty = 실행한 것이 여기에 나옵니다. 학습 시작을 눌러 첫 실행을 만드세요.
runs-reading = 실행을 읽는 중…
runs-name = 이름
runs-started = 시작
runs-data = 데이터
runs-model = 모델
runs-freeze = 동결
runs-accuracy = 정확도
runs-time = 시간
runs-completed = 완료
runs-stopped = 중지됨
runs-failed = 실패
runs-unfinished = 끝나지 않음
runs-running = 진행 중
runs-steps = { $total }스텝 중 { $step }
runs-own-name = 이름
runs-note = 메모
runs-resume = 이어 가기
    .hint = 아무 일도 없었던 것처럼 가장 새로운 체크포인트에서 이어 학습합니다.
runs-open = 열기
    .hint = 곡선과 결과를 보여 줍니다.
runs-open-race = 경주 열기
    .hint = 이 실행이 들어 있는 경주를 엽니다. 결과, 그 뒤의 행, 보고서를 볼 수 있습니다.
runs-replay = 다시 보기
    .hint = 실행이 일어난 그대로, 더 빠르게 다시 보여 줍니다.
runs-start-from = 이 실행에서 시작
    .hint = 이 실행의 모델, 데이터, 설정으로 새 실행을 준비합니다: 먼저 분류 헤드, 다음에 층을 더 녹입니다.
runs-export = 내보내기
    .hint = 모델, TensorBoard 파일, 표, 또는 학습 자체를 폴더에 씁니다.
runs-folder = 폴더 열기
    .hint = 설정, 모든 스텝의 수치, 지표, 모델이 있습니다.
runs-delete = 삭제
    .hint = 실행을 휴지통으로 옮깁니다. 되돌릴 수 있습니다.
runs-deleted = 실행 { $count }개를 휴지통으로 옮겼습니다.
runs-chosen = { $count }개 선택
runs-tick = { $name } 선택
runs-tick-all = 목록에 있는 실행 모두 선택
runs-compare = 비교
    .hint = 선택한 실행을 나란히 비교합니다.
runs-delete-chosen = 선택 삭제
    .hint = 선택한 실행을 휴지통으로 옮깁니다. 되돌릴 수 있습니다.
runs-filter = 실행 거르기
runs-none-left = 이름, 데이터, 모델, 메모에 “{ $filter }”{ PARTICLE($filter, "이/가") } 있는 실행이 없습니다.
runs-damaged = 손상됨
runs-damage = 손상됨: { $what }
run-rows = { $rows }행
run-rows-per-class = 클래스마다 { $rows }행
run-seed = 시드 { $seed }
run-file-missing = { $file } 파일이 없습니다
run-file-damaged = { $file } 파일을 읽을 수 없습니다
run-bad-lines = { $file } 파일에서 { $count }줄을 읽을 수 없습니다
run-not-restored = { $folder } 폴더를 휴지통에서 되돌릴 수 없습니다.
run-not-in-trash = { $folder } 폴더가 휴지통에 없습니다.
runs-interrupted-unnamed = { $started }에 시작한 { $data } 실행이 { $total }스텝 중 { $step }스텝에서 끊겼습니다. 가장 새로운 체크포인트에서 이어 갈 수 있고, 모든 실행은 ‘실행’ 탭에 있습니다.
runs-interrupted = “{ $name }” 실행이 { $total }스텝 중 { $step }스텝에서 끊겼습니다. 가장 새로운 체크포인트에서 이어 갈 수 있고, 모든 실행은 ‘실행’ 탭에 있습니다.
notice-resume = 이어 가기
start-from-named = “{ $name }” 실행
start-from-unnamed = 고른 실행
start-from-taken = 다음 실행은 { $run }의 모델에서 시작하며 그 설정을 가져왔습니다: { $data ->
        [bundled] 내장 영화평
       *[other] { $data }
    }, { $rows ->
        [0] 모든 행
       *[other] 최대 { $rows }행
    }, { $freeze ->
        [freeze-1] 프리셋 1
        [freeze-2] 프리셋 2
        [freeze-3] 프리셋 3
        [freeze-full] 전체 학습
        [freeze-biases] 편향만 학습
        [freeze-timeline] 타임라인
        [freeze-custom] 학습 대상 직접 선택
       *[other] 상위 { $top }개 층 학습
    }, { $epochs }에폭, 배치 크기 { $batch }, 학습률 { $rate }, 최대 길이 { $length }, 시드 { $seed }, 그 밖의 데이터·학습 설정
dialog-export = 내보낸 폴더를 둘 곳을 고르세요
status-replay = 다시 보기
status-unfinished = 끝나지 않음
train-blocked-replay = 실행을 다시 보고 있습니다. 먼저 다시 보기를 끝내세요.

## 다시 보기
replay-title = 다시 보기
replay-play = 재생
replay-pause = 다시 보기 일시정지
replay-speed-1 = 1×
    .hint = 실제 속도
replay-speed-10 = 10×
    .hint = 열 배 빠르게
replay-speed-60 = 60×
    .hint = 1분을 1초에
replay-speed-show = 20초
    .hint = 실행 전체를 20초에
replay-time = 다시 보기 시각
replay-end = 다시 보기 끝내기
    .hint = 앞서 보던 것으로 돌아갑니다.
dialog-run = 실행 폴더 선택
runs-elsewhere = 다른 폴더의 실행 열기…
    .hint = --out으로 만든 것처럼 실행 폴더 밖에 있는 실행을 엽니다. 그 뒤로는 이 목록에 나옵니다.
runs-train-on = 더 학습
    .hint = 이 실행의 데이터, 설정, 동결을 그대로 두고 모델을 몇 에폭 더 학습해 새 실행으로 남깁니다.
runs-more-epochs = 추가 에폭

## 화면 넓게 쓰기
left-fold = 왼쪽 패널 접기
left-show = 왼쪽 패널 펼치기
full-screen = 전체 화면

# 실행을 학습한 프로그램.
engine-accelerate = 다른 곳에서 accelerate로 학습
engine-trainer = Hugging Face Trainer로 학습
runs-left-list = 실행 { $count }개를 목록에서 뺐습니다. Thaw가 쓴 폴더가 아니므로 폴더는 그대로 있습니다.

live-matrix-unknown = 이 실행의 로그에는 혼동 행렬이 없습니다.
