# 단계가 있는 계획

## 계획 파일
plan-choice = 계획의 { $place }freeze와 { $place }rules 가운데 하나만 적으세요(맨 위에는 stages가 없을 때만).
plan-unknown-freeze = 계획의 { $place }freeze가 “{ $name }”입니다. 1, 2, 3, full, top:K, biases 가운데 하나를 쓰세요.
plan-no-stage = 계획의 stages가 비어 있습니다. "from_epoch": 1인 단계를 하나 이상 적으세요.
plan-first-stage = 계획의 stages[0].from_epoch가 { $epoch }입니다. 첫 단계는 에폭 1부터입니다.
plan-stages-out-of-order = 계획의 stages[{ $stage }].from_epoch가 { $epoch }인데 앞 단계가 에폭 { $before }부터입니다. 단계마다 더 뒤의 에폭부터 시작하도록 순서대로 적으세요.
plan-stage-nothing-trains = 계획의 stages[{ $stage }](에폭 { $epoch }부터)에서는 모든 파라미터가 동결되어 배울 것이 없습니다. 하나 이상을 학습하게 하세요.
plan-stage-not-reached = { $stage }단계는 에폭 { $epoch }부터인데 에폭은 { $epochs }개뿐이라 시작되지 않습니다. 그 단계가 필요하면 에폭을 늘리세요.
plan-layer-both = 계획의 learning_rates에 layer_factor와 layer_divisor가 둘 다 있습니다. 하나만 적으세요.
plan-layer-factor = 계획의 learning_rates.layer_factor가 { $value }입니다. 0보다 크고 1 이하여야 합니다: 각 층의 학습률은 위층의 학습률에 이 수를 곱한 값입니다. ULMFiT의 2.6처럼 나누려면 layer_divisor를 쓰세요.
plan-layer-divisor = 계획의 learning_rates.layer_divisor가 { $value }입니다. 1에서 1000 사이여야 합니다: 각 층의 학습률은 위층의 학습률을 이 수로 나눈 값입니다.
plan-group-factor = 계획의 learning_rates.groups[{ $group }].factor(“{ $parameters }”)가 { $value }입니다. 0보다 크고 { $most } 이하여야 합니다. 동결하려면 stages를 쓰세요.
plan-group-matches-nothing = 계획의 learning_rates.groups[{ $group }].parameters “{ $parameters }”에 맞는 파라미터가 이 모델에 없습니다. `thaw params`가 이름을 보여 줍니다.
plan-saved = 계획을 { $file } 파일에 저장했습니다.
dialog-plan-save = 계획 저장
dialog-plan-open = 계획 열기
dialog-plans = 계획(JSON)

## 터미널
cli-stage = 에폭 { $epoch }부터 { $stages }단계 가운데 { $stage }단계: 파라미터 { $total }개 중 { $trainable }개 학습({ $share })
cli-params-epoch = 에폭 { $from }
cli-params-epochs = 에폭 { $from }-{ $to }
cli-params-factor = 학습률 ×

## 창
freeze-timeline = 타임라인
timeline-open = 타임라인…
    .hint = 어느 에폭에 무엇을 학습할지 정합니다. 층을 하나씩 녹이고, 층마다 다른 학습률을 줄 수 있습니다.
timeline-title = 해동 타임라인
timeline-in-a-line = { $stages }단계입니다. 트리는 에폭 { $epoch }부터인 { $stage }단계를 보여 줍니다.
timeline-one-stage = 모든 에폭에서 같은 층을 학습하고, 층마다 학습률이 다릅니다.
timeline-templates = 템플릿
timeline-from-top = 위에서부터
    .hint = 분류 헤드부터 시작해 에폭마다 한 층씩 아래로 녹입니다(ULMFiT의 점진적 해동). 언어를 가장 잘 아는 아래층이 가장 늦게 바뀝니다.
timeline-head-first = 분류 헤드 먼저, 그다음 전체
    .hint = 에폭의 절반은 분류 헤드만, 그다음은 전체를 학습합니다(LP-FT). 아래층이 기울기를 따르기 시작할 때 새 분류 헤드는 더 이상 무작위가 아닙니다.
timeline-from-bottom = 아래에서부터
    .hint = 임베딩부터 한 층씩 위로 녹입니다. 기울기가 위의 동결된 층을 지나가야 하므로 처음부터 역전파 전체의 비용이 듭니다.
timeline-needs-epochs = 단계를 나누려면 에폭이 2개 이상이어야 합니다. 학습 설정에서 늘리세요.
timeline-rates = 학습률
timeline-rates-same = 모두 같게
    .hint = 모든 파라미터를 같은 학습률로 학습합니다.
timeline-rates-ulmfit = 층마다 ÷ 2.6
    .hint = 각 층의 학습률은 위층의 학습률을 2.6으로 나눈 값입니다(ULMFiT). 아래층일수록 천천히 배웁니다.
timeline-rates-sun = 층마다 × 0.95
    .hint = 각 층의 학습률은 위층의 학습률에 0.95를 곱한 값입니다(Sun et al., 2019).
timeline-factor = 학습률 ×
timeline-factor-of = { $rung }의 학습률 배수
timeline-rate-of = 최고 학습률 { $rate }
timeline-cell-trains = { $rung }, 에폭 { $epoch }: 학습
timeline-cell-frozen = { $rung }, 에폭 { $epoch }: 동결
timeline-cell-mixed = { $rung }, 에폭 { $epoch }: 일부 학습
timeline-same-throughout = 모든 에폭에서 같은 것을 학습합니다. 칸을 칠하거나 위의 템플릿 가운데 하나를 고르세요.
timeline-stages = 단계(트리는 고른 단계를 보여 줍니다)
timeline-stage = { $stage }단계, 에폭 { $epochs ->
        [1] { $from }
       *[other] { $from }~{ $to }
    }: { $trainable }개 학습({ $share })
timeline-cost = 여기서 약 { $time }, 첫 에폭은 { $first }입니다. 메모리는 최대 { $memory }입니다.
timeline-cost-unknown = 데이터와 모델을 읽고 이 컴퓨터의 속도를 재면 비용을 알려 줍니다.
timeline-rate = 학습률
timeline-open-file = 계획 열기…
    .hint = thaw train --freeze가 받는 JSON 파일입니다.
timeline-save-file = 계획 저장…
    .hint = thaw train --freeze에 쓰거나 남에게 줄 수 있는 JSON 파일로 저장합니다.
chart-stages = 단계
chart-stages-at = 단계가 시작되는 스텝 { $steps }
