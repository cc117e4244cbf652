# Suspicious labels

cli-about-labels = 실행의 데이터에서 레이블이 잘못되었을 가능성이 높은 행을 의심스러운 순서로 보여 줍니다. 아무것도 바꾸지 않습니다.
cli-labels-run_dir = 실행 폴더
labels-estimated = 레이블 { $rows }개 가운데 약 { $wrong }개({ $share })가 잘못되었을 가능성이 높습니다. 사람이 읽고 확인하세요. 모델이 틀리면 올바른 레이블도 의심합니다.
labels-pair = { $given }{ PARTICLE($given, "으로/로") } 표시되었지만 { $looks }{ PARTICLE($looks, "와/과") } 비슷함: { $rows }행
labels-none = 의심스러운 레이블이 없습니다.
labels-row = 행
labels-score = 점수
labels-given = 현재
labels-suggested = 제안
labels-text = 텍스트
labels-more = 의심스러운 { $all }행 가운데 처음 { $shown }행입니다. 전체는 --json으로 볼 수 있습니다.
stage-suspects = 레이블을 살펴보는 중
cli-stage-suspects = 레이블을 살펴보는 중
labels-map = 학습한 { $rows }행 가운데 모델에게 쉬운 행 { $easy }, 모호한 행 { $ambiguous }, 어려운 행 { $hard }(실행 폴더의 data_map.csv).
labels-hunt = Thaw가 일부러 레이블 { $flipped }개를 바꾸었습니다. 의심스러운 처음 { $read }행에 그중 { $found }개가 있습니다(정밀도 { $precision }, 재현율 { $recall }).
cli-train-flip_labels = thaw labels로 찾아보도록 이 비율만큼 행의 레이블을 일부러 바꿉니다(없음)
cli-data-flip_labels = 이 비율만큼 행의 레이블을 일부러 바꿉니다(없음)
panel-flip-labels = 일부러 바꾼 레이블(%)
    .hint = 찾아볼 수 있도록 일부 행의 레이블을 다른 것으로 바꿉니다. 파일은 그대로입니다.
panel-flip-labels-off = 없음
examine-no-run = 레이블과 행동을 살펴보려면 모델을 학습하거나, 모델이 있는 실행을 여세요.
examine-labels = 의심스러운 레이블
    .hint = 각 행을 그 행을 보지 않은 모델로 판단합니다. 고칠 행을 선택하세요. 수정은 복사본에만 들어가고 원래 파일은 그대로입니다.
examine-labels-about = 이 실행의 데이터에서 어느 레이블이 잘못되었을까요? 각 행을 그 행을 보지 않은 모델로 판단합니다(확신 학습). 내장 리뷰로는 1분쯤 걸리고, 결과는 실행과 함께 보관합니다.
examine-labels-find = 의심스러운 레이블 찾기
examine-fix = 수정
examine-fix-row = { $row }행: { $given } 대신 { $suggested } 사용
examine-fixed = { $count ->
    [0] 아직 수정한 레이블이 없습니다.
   *[other] 레이블 { $count }개를 수정했습니다.
}
examine-save-copy = 수정한 복사본 저장…
    .hint = 모든 행과 수정을 담은 CSV 파일입니다. 이것으로 학습해 두 실행을 비교하세요. 원래 파일은 그대로입니다.
examine-map = 학습 행의 지도
    .hint = 점 하나가 학습 행 하나입니다. 정답 레이블에 대한 확신의 에폭 평균과 그 변화량을 보여 줍니다. 잘못된 레이블은 왼쪽 아래에 많습니다.
examine-map-regions = { $rows }행: 쉬움 { $easy }, 모호함 { $ambiguous }, 어려움 { $hard }
examine-map-confidence = 평균 확신
examine-map-variability = 변동
examine-map-region = 구역
examine-map-easy = 쉬움
examine-map-ambiguous = 모호함
examine-map-hard = 어려움
examine-behaviour = 행동 검사
    .hint = 테스트 행을 정해진 방식으로 바꾸어 모델에게 다시 묻습니다. 그대로여야 하는 답이 바뀌거나, 바뀌어야 하는 답이 그대로면 실패입니다.
examine-behaviour-about = 모델은 not을 읽을까요? 테스트 행을 정해진 방식으로 바꾸어 다시 묻습니다. 오타나 다른 이름처럼 뜻과 상관없는 변화라면 답이 그대로여야 하고, 뜻을 뒤집는 변화라면 바뀌어야 합니다.
examine-behaviour-check = 행동 검사하기
examine-example = 가장 확신한 실패
check-before = 이전
check-after = 이후
examine-rows = 행
    .hint = 숫자 뒤에 있는 행
