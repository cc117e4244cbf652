# 보고서: 실행과 경주, 수업, 종이로 나누는 수업 자료
report-kind-run = 실행 보고서
report-kind-runs = 여러 실행 보고서
report-kind-race = 경주 보고서
report-made-by = Thaw { $version }에서 만듦
report-of-runs = 실행 { $runs }개
report-began = { $started } 시작

# 맨 위의 수치
report-accuracy = 테스트 정확도
report-accuracy-detail = 95% 구간 { $low }–{ $high }
report-f1 = 매크로 F1
report-f1-detail = 레이블 { $classes }개의 평균
report-trainable = 학습 파라미터
report-trainable-detail = { $total }개 중 { $trainable }개
report-time = 학습 시간
report-time-detail = { $epochs }에폭, { $steps }스텝
report-no-figure = –

# 한 일을 문장으로
report-done = 한 일
report-done-model = 사전 학습 모델 { $model }{ PARTICLE($model, "을/를") } { $data } 데이터로 미세 조정하여 레이블 { $classes }개를 구분하게 했습니다: { $labels }.
report-done-rows = { $train }개 행으로 학습하고, { $validation }개 행은 에폭이 끝날 때마다 검증에 쓰고, { $test }개 행은 마지막 테스트를 위해 남겨 두었습니다.
report-done-freeze = 동결 방식은 { $freeze }입니다. 파라미터 { $total }개 중 { $trainable }개({ $share })를 학습했고, 나머지는 처음 값을 그대로 지켰습니다.
report-done-training = 학습 데이터를 { $epochs }번 반복하며 { $batch }개 행씩 { $steps }스텝을 학습했습니다. 옵티마이저는 AdamW, 최대 학습률은 { $rate }이며 { $time } 걸렸습니다.
report-done-result = 테스트 행 { $rows }개에서 정확도는 { $accuracy }(95% 구간 { $low }–{ $high })입니다. 항상 “{ $label }”{ PARTICLE($label, "으로/로") } 예측하면 { $majority }입니다.
report-done-untested = 테스트가 없는 실행이므로, 보지 못한 행에서 모델이 얼마나 잘하는지는 알 수 없습니다.
report-state-stopped = 끝나기 전에 중단한 실행입니다. 아래는 그때까지의 결과입니다.
report-state-failed = 실패한 실행입니다. 아래는 그때까지의 결과입니다.
report-state-unfinished = 아직 끝나지 않은 실행입니다. 아래는 지금까지 기록된 내용입니다.
report-more-labels = { $shown } 외 { $more }개

# 결과
report-result = 결과
report-measure = 지표
report-value = 값
report-interval = 95% 구간
report-range = { $low }–{ $high }
report-loss = 손실
report-majority = 항상 “{ $label }”{ PARTICLE($label, "으로/로") } 예측
report-words = 단어 가방(BoW), 로지스틱 회귀
report-per-class = 레이블별
report-label = 레이블
report-precision = 정밀도
report-recall = 재현율
report-recall-interval = 재현율의 95% 구간
report-class-f1 = F1
report-support = 행
report-per-class-note = 정밀도는 이 레이블로 예측한 행 중 실제로 이 레이블인 비율, 재현율은 이 레이블인 행 중 모델이 찾아낸 비율입니다. F1은 둘의 조화 평균입니다.
report-matrix = 혼동 행렬
report-matrix-true = 실제 레이블
report-matrix-predicted = 예측 레이블
report-matrix-caption = 테스트 행을 실제 레이블과 예측 레이블로 나눈 것입니다. 색의 진하기는 실제 레이블의 행에서 차지하는 비율이며, 파랑은 맞음, 주황은 틀림입니다.
report-pairs = 가장 잦은 실수
report-pairs-note = 레이블 { $classes }개의 행렬은 너무 커서 읽기 어려우므로, 가장 자주 혼동한 쌍을 보입니다.
report-true = 실제
report-predicted = 예측
report-count = 행
report-share = 실제 레이블 중 비율

# 곡선
report-curves = 곡선
report-curves-caption = 스텝에 따른 손실과 정확도입니다. 학습 곡선은 스텝별 값을 평활한 것이고, 마름모는 에폭 끝의 검증 행 전체, 점은 그 사이의 고정된 검증 표본입니다. 점선은 추측과 단어 세기로 얻는 값입니다.
report-axis-step = 스텝
report-axis-loss = 손실(nat)
report-axis-accuracy = 정확도(%)
report-level-guessing = 추측
report-training-loss = 학습 손실
report-validation-loss = 검증 손실
report-validation-accuracy = 검증 정확도
report-epoch = 에폭
report-train-loss = 학습 손실
report-train-accuracy = 학습 정확도
report-overlaid = 모든 실행의 곡선
report-overlaid-caption = 왼쪽은 평활한 학습 손실, 오른쪽은 에폭 끝의 검증 정확도입니다.

# 동결
report-freezing = 동결
report-tree-sentence = 분류 헤드까지 더한 모델의 파라미터 { $total }개 중 { $trainable }개를 학습했습니다. 그림은 아래가 입력, 위가 분류 헤드입니다.
report-tree-caption = 막대 하나가 모델의 한 부분이며, 길이는 파라미터 수의 로그를 따릅니다. 파랑은 동결, 주황은 학습입니다.
report-tree-about = 입력부터 분류 헤드까지 학습하는 파라미터 수와 전체 수.
report-tree-missing = 모델 파일이 없어져 파라미터를 셀 수 없습니다.
report-tree-parameters = 파라미터
report-tree-trainable = 학습
report-part-embeddings = 임베딩
report-part-layer = 층 { $layer }
report-part-pooler = 풀러
report-part-classifier = 분류 헤드
report-frozen = 동결
report-trains = 학습
report-trains-partly = 일부 학습
report-stages = 단계
report-stage = 단계
report-from-epoch = 시작 에폭
report-drift = 변화량(drift)
report-drift-sentence = 각 부분이 처음 가중치에서 얼마나 움직였는지 보입니다: 마지막 표본({ $step }스텝 뒤)의 |W − W0| / |W0|. 동결한 부분은 정확히 0입니다.
report-drift-none = 0, 동결
report-proof = 동결 증명
report-proof-sentence = 학습 전후에 모든 텐서의 지문(SHA-256)을 남겼습니다. { $totals }
report-proof-holds = 동결한 것은 모두 비트 단위로 같습니다.
report-proof-missing = 가중치를 저장하기 전에 끝난 실행이라 지문이 없습니다.

# 실수
report-mistakes = 실수
report-mistakes-none = 모델이 테스트 행을 모두 맞혔습니다.
report-mistakes-sentence = 테스트 행 { $rows }개 중 { $count }개를 틀렸습니다. 모델이 가장 확신한 { $shown }개를 보입니다.
report-mistakes-untold = 어느 행을 틀렸는지는 여기에 보이지 않습니다.
report-mistakes-no-texts = 텍스트는 보이지 않습니다.
report-row = 행
report-text = 텍스트
report-second-text = 두 번째: { $text }
report-confidence = 확률

# 데이터
report-data = 데이터 카드
report-file = 파일
report-usable-rows = 행
report-rows-value = 쓸 수 있는 행 { $rows }개, 건너뛴 행 { $skipped }개
report-columns = 열
report-columns-value = 텍스트 “{ $text }”, 레이블 “{ $label }”
report-columns-pair = 텍스트 “{ $text }”{ PARTICLE($text, "와/과") } “{ $second }”, 레이블 “{ $label }”
report-read-as = 읽은 방식
report-read-value = { $encoding }, 구분자 { $delimiter }
report-tab = 탭
report-no-header = 열 이름이 없는 파일이므로 번호로 부릅니다.
report-labels = 레이블
report-label-rows = { $label }(테스트 { $rows }행)
report-split = 분할
report-split-value = 학습 { $train }행, 검증 { $validation }행, 테스트 { $test }행
report-split-shares = 전체의 { $test }가 테스트, 나머지의 { $validation }가 검증이며, 각 부분의 레이블 비율은 같습니다(시드 { $seed }).
report-split-files = 일부는 따로 주어진 파일입니다.
report-row-limit = 파일에서 최대 { $rows }개 행만 썼습니다.
report-rows-per-class = 레이블마다 최대 { $rows }개 행으로 학습했습니다.
report-flipped = 레이블의 { $share }를 일부러 틀리게 바꾸었습니다.
report-fingerprint = 지문
report-findings = 데이터에서 눈에 띄는 점

# 모델과 설정
report-model = 모델
report-model-name = 사전 학습 모델
report-model-family = 계열
report-model-shape = 구조
report-model-shape-value = 층 { $layers }개, 너비 { $hidden }, 층마다 어텐션 헤드 { $heads }개
report-model-reads = 읽는 길이
report-model-reads-value = 최대 { $positions }토큰, 어휘 { $vocabulary }개
report-model-parameters = 분류 헤드를 더한 파라미터
report-model-head = 분류 헤드
report-head-new = 무작위 값에서 새로 시작
report-head-kept = 모델에 딸려 온 헤드를 유지
report-head-replaced = 모델에 딸려 온 헤드 대신 새 헤드
report-settings = 설정
report-off = 끔
report-own-dropout = 모델 값
report-optimiser = 옵티마이저
report-memory = 필요한 메모리
report-device = 계산 장치
report-program = 프로그램

# 다시 하기
report-repeat = 다시 하는 방법
report-repeat-sentence = 같은 데이터와 모델이 있으면 이 명령으로 같은 실행을 다시 학습합니다:
report-repeat-plan = 명령줄 이름이 없는 동결 방식입니다. 먼저 아래를 { $file } 파일로 저장하세요:
report-repeat-python = PyTorch와 transformers를 쓰는 같은 파이썬 코드입니다. thaw code 명령이 이 코드와 필요한 파일을 함께 씁니다:
report-repeat-race = 같은 데이터와 모델이 있으면 이 명령으로 같은 경주를 다시 합니다:

# 여러 실행과 경주
report-compared = 비교
report-race-sentence = 동결 방식 { $strategies }개({ $names })가 같은 분할에서 각각 학습 시드 { $seeds }개로 경주했습니다. 모든 실행의 테스트 행이 같습니다.
report-race-missing = 경주의 실행 { $count }개는 결과가 없습니다: 건너뜀 { $skipped }, 실패 { $failed }, 아직 안 함 { $open }.
report-race-decided = { $count ->
        [0] 이 테스트로는 어느 둘도 구분되지 않습니다.
       *[other] 차이 { $count }개는 테스트 행과 시드로 설명되는 것보다 커서 판정할 수 있습니다.
    }
report-race-higher = { $first }{ PARTICLE($first, "이/가") } { $second }보다 { $points }%p 높습니다.
report-race-undecided = { $first }{ PARTICLE($first, "와/과") } { $second }의 차이는 { $points }%p이며, 우연만으로도 생길 수 있습니다.
report-race-best = 평균 정확도가 가장 높은 것은 { $name }, { $accuracy }(95% 구간 { $low }–{ $high })입니다.
report-race-caption = 평균 테스트 정확도를 비용과 함께 보입니다. 왼쪽은 학습 시간(초), 오른쪽은 학습 파라미터 수입니다. 막대는 95% 구간이며, 많이 겹치면 테스트 행이 너무 적어 구분할 수 없습니다.
report-race-seconds = 학습 시간(초)
report-race-parameters = 학습 파라미터 수
report-by-time = 학습 시간에 따른 정확도
report-by-parameters = 학습 파라미터 수에 따른 정확도
report-ladder-caption = 학습 행 수에 따른 평균 테스트 정확도입니다. 막대는 95% 구간입니다.
report-by-rows = 학습 행 수에 따른 정확도
report-training-rows = 학습 행
report-strategy = 동결 방식
report-spread = 퍼짐
report-seeds = 실행
report-time-short = 시간
report-verdict = 최고 대비
report-best = 최고
report-undecided = 차이 판정 불가
report-lower = { $points }%p 낮음
report-other-test = 테스트 행이 다름
report-untested = 테스트 없음
report-run = 실행
report-each = 실행별
report-compared-note = 차이 판정 불가: 차이의 95% 구간에 0이 들어 있어, 테스트 행으로는 최고인 실행과 구분할 수 없습니다.
report-shared-note = 같은 층을 동결한 실행은 그 계산을 함께 씁니다. 시간은 각각에 포함합니다.
report-more-runs = 나머지 실행 { $count }개는 표에만 있습니다.

# 보고서 만들기
report-other-kind = { $file } 파일은 웹 페이지도 인쇄물도 아닙니다. .html이나 .pdf로 끝나는 이름을 쓰세요.
report-nothing = { $folder } 폴더에 실행도 경주도 없습니다. 실행 폴더(settings.json이 있는 곳)나 경주 폴더(race.json이 있는 곳)를 지정하세요.
report-save = 보고서…
    .hint = 여기 있는 내용을 파일 하나에 담습니다. 어디서나 열거나(.html) 인쇄해 제출할 수 있습니다(.pdf).
report-progress = 보고서를 쓰는 중: { $done } / { $total }
report-cancel = 보고서 취소
report-written = 보고서를 { $file } 파일로 저장했습니다.
notice-open = 열기
dialog-report = 보고서 저장
dialog-reports = 보고서(PDF, HTML)
stage-report = 보고서를 쓰는 중
cli-stage-report = 보고서를 쓰는 중
cli-about-report = 실행이나 경주의 보고서를 파일 하나로 씁니다. 어디서나 열고 인쇄할 수 있습니다
cli-report-dirs = 실행과 경주의 폴더
cli-report-to = 쓸 파일(.html 또는 .pdf). 이미 있으면 바꿔 씁니다
cli-reported = 보고서: { $file }

# 수업 보고서
class-kind = 수업 보고서
class-files = 제출 파일
class-points = 점수 평균
class-points-detail = { $most }점 만점. 서술형 답 { $ungraded }개는 아직 채점 전
class-right = 맞은 답
class-best = 최고 정확도
class-best-detail = 학생별 최고 실행의 평균
class-results = 결과
class-guesses = 예상과 실제
class-guesses-caption = 표식 하나가 예상 하나입니다. 가로는 예상한 값, 세로는 실제 값이며, 선 위에 있으면 맞게 예상한 것입니다.
class-guesses-title = 테스트 정확도
class-guessed-axis = 예상한 정확도(%)
class-reached-axis = 실제 정확도(%)
class-guess-right = 맞은 예상
class-guess-student = 학생의 예상
class-answers = 문제별 답
class-no-answer = 아무도 답하지 않았습니다.
class-students = 학생 수

# 종이로 나누는 수업 자료
handout-kind = 수업 자료
handout-kind-solutions = 수업 자료(풀이 포함)
handout-name = 이름
handout-date = 날짜
handout-answer = 답
handout-points = { $points }점
handout-right = 정답: { $answer }
handout-run = 할 일: { $freeze }{ PARTICLE($freeze, "으로/로") } { $epochs }에폭 학습하세요. 먼저 예상하고, 나온 값을 적으세요.
handout-race = 할 일: 동결 방식 { $count }개를 각각 { $epochs }에폭씩 경주하세요. 먼저 예상하고, 나온 값을 적으세요.
handout-guess = 예상
handout-result = 결과
class-save = 보고서…
    .hint = 이 수업의 결과, 예상, 답을 파일 하나에 담습니다. 어디서나 열거나(.html) 인쇄할 수 있습니다(.pdf). 여기서 이름을 숨기면 보고서에서도 숨깁니다.
handout-save = 종이로
    .hint = 답을 쓸 자리가 있는 수업 자료로 저장합니다(.pdf, .html).
handout-save-solutions = 풀이 포함
    .hint = 정답과 설명이 든 교사용입니다.
cli-about-lesson-report = 학생들이 제출한 것을 보고서 하나로 씁니다
cli-lesson-report-bundles = 학생들이 제출한 파일, 또는 그런 파일이 든 폴더
cli-lesson-report-hide_names = 모두를 학생 1, 2 등으로 부릅니다
cli-lesson-report-to = 쓸 파일(.html 또는 .pdf). 이미 있으면 바꿔 씁니다
cli-about-lesson-handout = 수업을 답을 쓸 자리가 있는 자료로 씁니다
cli-lesson-handout-lesson = 수업 이름(list 참고) 또는 수업 파일
cli-lesson-handout-to = 쓸 파일(.html 또는 .pdf). 이미 있으면 바꿔 씁니다
cli-lesson-handout-solutions = 정답과 설명을 넣은 교사용
