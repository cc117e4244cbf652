# 실행 비교, 그림 저장
tab-compare = 비교
compare-curves = 곡선
    .hint = 모든 실행의 손실과 정확도를 겹쳐 봅니다.
compare-table = 표
    .hint = 실행마다 한 줄, 정렬하고 걸러 볼 수 있습니다.
compare-matrices = 행렬
    .hint = 두 실행이 어디서 맞고 틀리는지, 그리고 그 차이입니다.
compare-settings = 설정
    .hint = 모든 실행에서 같지 않은 것만 보여 줍니다.
answers-students = 학생 { $count }명
answers-all = 전체
answers-right = { $count }명 중 { $right }명 정답
compare-add = 실행 추가
compare-add-list = 실행 목록에서
    .hint = ‘실행’ 탭에서 선택하고 ‘비교’를 누르세요.
compare-add-folders = 폴더에서…
    .hint = 어디에 있든 실행 폴더, 또는 실행이 들어 있는 폴더입니다.
compare-add-bundles = 파일에서…
    .hint = 학생이 낸 제출 파일입니다.
compare-clear = 모두 빼기
compare-cleared = 실행 { $runs }개{ $files ->
        [0] 를 뺐습니다.
       *[other] 와 제출 파일 { $files }개를 뺐습니다.
    }
compare-empty = 언제 한 실행이든 나란히 놓아 보세요. ‘실행’ 탭에서 선택하고 ‘비교’를 누르거나, 다른 곳의 폴더와 파일을 추가하면 됩니다.
compare-remove = { $name } 빼기
compare-colour = { $name }의 색
compare-style = 모양 { $number }
compare-against = 가로축
compare-steps = 스텝
compare-seconds = 초
compare-seconds-axis = 학습 시간 (초)
compare-loss = 모든 실행의 손실
    .hint = 선: 스무딩한 학습 손실. 표식: 에폭 끝의 검증. 끌면 이동, Ctrl+휠로 확대, 두 번 누르면 처음으로 돌아갑니다.
compare-accuracy = 모든 실행의 정확도
    .hint = 표식: 에폭 끝의 검증. 옅은 선: 그 사이의 검증 표본. 끌면 이동, Ctrl+휠로 확대, 두 번 누르면 처음으로 돌아갑니다.
compare-run = 실행
compare-curve = 곡선
compare-low = 구간 아래
compare-high = 구간 위
compare-filter = 이름, 데이터, 모델, 동결로 거르기
compare-none-left = 이름, 데이터, 모델, 동결에 “{ $filter }”{ PARTICLE($filter, "이/가") } 있는 실행이 없습니다.
compare-rate = 학습률
compare-f1 = 매크로 F1
compare-secs = 시간
compare-secs-unit = 학습 시간 (초)
compare-shared-unit = 그중 함께 쓴 시간 (초)
compare-memory = 메모리
compare-memory-unit = 필요한 메모리 (바이트)
compare-trainable = 학습 파라미터 수
compare-verdict = 최고 대비
compare-best = 최고
compare-undecided = 차이 판정 불가
compare-lower = { $by } 낮음
compare-undecided-note = 차이 판정 불가: 테스트 행만으로는 최고와 구별할 수 없습니다. 차이의 95% 구간에 0이 들어 있습니다.
compare-decided-note = 같은 테스트 행으로 잰 실행끼리 비교합니다. 차이의 95% 구간에 0이 들어 있으면 차이를 판정할 수 없습니다.
compare-sort = { $name }{ PARTICLE($name, "으로/로") } 정렬
compare-sort-rising = { $name } 작은 것부터 정렬됨
compare-sort-falling = { $name } 큰 것부터 정렬됨
compare-first = 첫째
compare-second = 둘째
compare-accuracy-is = 정확도 { $value }
compare-untested = 테스트 결과가 없는 실행입니다. 중지되었거나 아직 끝나지 않았습니다.
compare-second-missing = 위에서 둘째 실행을 고르거나 하나 더 추가하세요.
compare-difference = 둘째 빼기 첫째
    .hint = 실제 레이블마다 그 행 가운데 몇 퍼센트포인트가 달라졌는지입니다. 파랑은 늘어난 것, 주황은 줄어든 것입니다.
compare-two-tested = 차이를 보려면 테스트를 마친 실행이 둘 있어야 합니다.
compare-other-labels = 레이블이 같지 않아 차이를 낼 수 없습니다. 첫째: { $first }. 둘째: { $second }.
compare-other-rows = 테스트 행이 다름
    .hint = 두 실행은 같은 행으로 테스트하지 않았습니다. 차이의 일부는 거기서 왔을 수 있습니다.
compare-points = 퍼센트포인트
compare-cell =
    실제 { $true }, 예측 { $predicted }
    { $first } → { $second } ({ $points }%p)
compare-setting = 설정
compare-differences = 다른 점
    .hint = 모든 실행에서 같은 설정은 빠져 있습니다.
compare-one-run = 실행을 하나 더 추가하면 다른 점이 여기에 나옵니다.
compare-same-settings = 모든 설정이 같습니다.
compare-left-open = 기본값
compare-bundled = 내장
compare-rows-per-class = 클래스당 행
nothing-to-compare = { $folder }에는 실행도, 경주도, 끝낸 수업도 없습니다. 다른 폴더를 고르세요. 모델 폴더에는 config.json이 있습니다.
dialog-runs = 실행 폴더 고르기
dialog-bundles = 제출 파일 고르기

# 그림 저장
save-plot = 저장: { $name }
save-plot-picture = 그림 (PNG)…
save-plot-numbers = 수치 (CSV)…
save-plot-copy = 수치 복사
dialog-save = “{ $name }” 저장
plot-saved = { $file }에 저장했습니다.
plot-not-drawn = 그림을 찍을 때 그래프가 더는 보이지 않았습니다. 다시 해 보세요.
panel-lengths-texts = 글

# 프로젝터
projector = 프로젝터 모드

compare-engine = 학습한 프로그램
compare-unknown = 알 수 없음
