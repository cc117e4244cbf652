# Races and ladders
race-no-strategies = 경주에는 동결 방법이 하나 이상 필요합니다. 예를 들어 1,2,3,full을 주세요.
race-strategy-twice = “{ $name }”{ PARTICLE($name, "이/가") } 경주에 두 번 있습니다. 동결 방법마다 한 번만 주고, 계획 파일은 이름을 서로 다르게 하세요.
race-seed-twice = 시드 { $seed }{ PARTICLE($seed, "이/가") } 경주에 두 번 있습니다. 서로 다른 시드를 주세요.
race-rows-twice = 사다리에 { $rows }행 단계가 두 번 있습니다. 수마다 한 번만 주세요.
race-minutes-too-few = { $minutes }분은 이 경주에 너무 짧습니다. 가장 적은 행으로도 약 { $needed }분이 걸립니다. 시간을 늘리거나 동결 방법, 시드, 에폭을 줄이세요.
race-no-race = { $folder }에는 경주가 없습니다. race.json이 있는 폴더를 주세요.
race-finished = { $folder }의 경주는 이미 끝났으므로 이어 갈 것이 없습니다. 새로 시작하세요.

# 데이터 패널의 클래스별 행 수.
panel-rows-per-class = 클래스별 학습 행
    .hint = 클래스마다 이만큼의 행으로만 학습합니다. 검증과 테스트는 그대로입니다. 작은 집합은 큰 집합에 들어 있어 단계끼리 비교할 수 있습니다.
panel-rows-per-class-all = 전부
panel-rows-per-class-left = 학습 행 { $rows }개

# 터미널.
cli-about-race = 같은 행과 시드로 여러 동결 방법을 나란히 학습합니다.
cli-train-rows_per_class = 클래스마다 이만큼의 행으로만 학습합니다. 검증과 테스트는 그대로입니다 (전부)
cli-race-column-freeze = 동결
cli-race-freeze = 경주할 동결 방법을 쉼표로: 1, 2, 3, full, top:K, biases, 계획 파일 (1,2,3,full)
cli-race-seed = 첫 학습 시드 (42)
cli-race-learning_rate = 모두에게 같은 최고 학습률 (동결 방법마다 제안된 값)
cli-race-seeds = 학습 시드의 수, --seed부터 (3)
cli-race-minutes = 모두 합쳐 쓸 분; 그 안에 끝나도록 행을 줄입니다
cli-race-rows_per_class = 클래스별 학습 행 수; 여럿이면 행 수에 따른 정확도를 보는 사다리가 됩니다 (전부)
cli-race-resume = 끝나지 않은 경주를 이어서, 빠진 것만 실행합니다
cli-race-out = 경주 폴더; 새 폴더이거나 비어 있어야 합니다 (내 실행들 사이의 새 폴더)
cli-race-beginning = 실행 { $runs }개: { $names }; 시드 { $seeds }개, 에폭 { $epochs }
cli-race-fitted = { $minutes }분에 { $rows }행이 들어갑니다
cli-race-expected = 예상 시간 { $time }
cli-race-row = { $run }/{ $runs }  { $freeze }  시드 { $seed }  정확도 { $accuracy }  매크로 F1 { $f1 }  시간 { $time }
cli-race-row-rows = {"  "}학습 행 { $rows }
cli-race-run-failed = 경주의 { $run }번째 실행이 실패하여 결과가 없습니다: { $error }
cli-race-rows = 학습 행
cli-race-runs = 실행
cli-race-rate = 학습률
cli-race-accuracy = 정확도 %
cli-race-spread = 편차
cli-race-interval = 95% 구간
cli-race-range = { $low }~{ $high }
cli-race-f1 = 매크로 F1
cli-race-time = 시간
cli-race-memory = 메모리
cli-race-trainable = 학습 파라미터 수
cli-race-undecided = 차이 판정 불가: { $a }{ PARTICLE($a, "와/과") } { $b }의 차이는 { $difference }%p로, 우연만으로도 생길 수 있습니다.
cli-race-undecided-rows = 학습 행 { $rows }개에서 차이 판정 불가: { $a }{ PARTICLE($a, "와/과") } { $b }의 차이는 { $difference }%p로, 우연만으로도 생길 수 있습니다.
cli-race-ended = 경주는 { $folder }에 있습니다
cli-race-stopped =
    멈췄습니다. 실행한 것은 { $folder }에 있습니다
    이어 가기: thaw race --resume "{ $folder }"

# 창에서 하는 경주
compare-race = 경주
    .hint = 같은 행, 같은 순서, 같은 처음 분류 헤드에서 동결 방법을 겨룹니다.
race-title = 동결 방법 경주
    .hint = 같은 분할에서, 같은 순서로, 같은 분류 헤드에서 시작해 하나씩 실행합니다. 동결한 층의 결과는 함께 씁니다.
race-strategy-hover = { $name }, 사용할 학습률과 함께. 동결 패널에서 고른 것도 겨룰 수 있습니다.
race-add-plan = 계획 추가…
    .hint = 타임라인에서 저장했거나 직접 쓴 계획 파일도 겨룹니다.
race-seeds = 시드 수
race-common = 모두 같은 학습률
    .hint = 끄면 방법마다 알맞은 학습률을 씁니다. 학습하는 파라미터가 적을수록 큽니다.
race-fit = 시간 제한
    .hint = 경주 전체가 이만큼 걸리도록 행을 줄입니다. 강의에는 3분이 알맞습니다.
race-ladder = 클래스당 행 사다리
    .hint = 적은 행과 많은 행으로 학습해 봅니다. 동결은 어디서 이길까요?
race-all-rows = 전부
race-start = 경주 시작
race-resume = 경주 이어 하기
    .hint = 지난 경주에서 빠진 것을 실행합니다.
race-expected = 약 { $time }
race-expected-rows = 약 { $time }, { $rows }행으로
race-now = { $runs }개 중 { $run }번째: { $name }, 시드 { $seed }, 학습률 { $rate }, 스텝 { $step }
race-preparing = 데이터와 모델을 읽는 중…
race-pause = 경주 일시정지
race-go-on = 경주 계속
race-skip = 이 실행 건너뛰기
race-stop = 경주 중지
race-completed = 경주가 끝났습니다.
race-stopped = 경주를 중지했습니다. 잰 것까지는 여기에 있습니다.
race-failed = 경주를 계속할 수 없었습니다. 잰 것까지는 여기에 있습니다.
race-loss = 학습 손실
race-accuracy = 검증 표본 정확도
race-curves-hover = 방법마다 선 하나: 시드들의 평균입니다. 띠는 가장 낮은 시드부터 가장 높은 시드까지입니다.
race-rows = 클래스당 { $rows }행
race-rows-all-classes = { $rows }행
race-by-seconds = 시간에 따른 정확도
race-by-trainable = 학습 파라미터 수에 따른 정확도
race-trainable-axis = 학습 파라미터 수
race-accuracy-axis = 테스트 정확도
race-interval-hover = 막대는 95% 구간입니다. 막대가 많이 겹치면 테스트 행이 적어 판정할 수 없습니다.
race-ladder-plot = 학습 행 수에 따른 정확도
race-train-rows-axis = 모든 클래스의 학습 행
race-train-rows = 학습 행
race-spread = 시드에 따른 편차
race-undecided = 차이 판정 불가: { $first }{ PARTICLE($first, "와/과") } { $second }{ PARTICLE($second, "은/는") } 이 테스트로는 구별되지 않습니다.
race-table = 경주 평균
race-shared-note = 같은 층을 동결한 실행은 그 계산을 함께 씁니다. 시간은 각각에 포함합니다.
