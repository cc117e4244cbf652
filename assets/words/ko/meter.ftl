# Cost meter, reference lines, guesses
stage-reference = 비교를 위해 단어을 세는 중
cli-stage-reference = 비교를 위해 단어을 세는 중

## 비용 계기
meter-line = { $backward } · 약 { $time }
meter-backward-nowhere = 학습하는 것이 없습니다
meter-backward-head = 역전파는 분류 헤드에서 멈춥니다
meter-backward-layer = 역전파: 층 { $from }
meter-backward-layers = 역전파: 층 { $from }–{ $to }
meter-backward-all = 역전파: 모든 층을 지나 임베딩까지
meter-trainable = 학습 파라미터 수
meter-trainable-value = { $on }개 ({ $share })
meter-backward = 역전파
meter-cache = 동결된 층의 값
meter-kept = 층 0–{ $last }: 한 번만 계산해 보관
meter-kept-embeddings = 임베딩: 한 번만 계산해 보관
meter-no-room = 자리가 모자라 일부는 에폭마다 다시 계산
meter-none-embeddings = 보관할 것이 없음: 임베딩에서 학습하는 것이 있어 그 아래에 동결된 것이 없습니다
meter-none-dropout = 보관하지 않음: 동결된 층에서 드롭아웃이 작동합니다
meter-none-off = 보관하지 않음: 껐습니다
meter-optimiser = 옵티마이저 메모리
meter-activations = 활성값 메모리
meter-first-epoch = 첫 에폭
meter-later-epochs = 이후 에폭마다
meter-lesson-above = 동결했지만 공짜가 아닙니다. 층 { $frozen }{ PARTICLE($frozen, "은/는") } 학습하는 층보다 위에 있어서 그 기울기가 이 층들을 지나 내려가야 합니다. 그래서 스텝마다 순전파와 역전파 비용이 들고, 자기 가중치의 기울기만 아낍니다.
meter-lesson-biases = 파라미터 수는 적어도 역전파의 깊이는 같습니다. 역전파는 이 층들을 모두 학습할 때만큼 깊이 내려가야 합니다. 아끼는 것은 가중치의 기울기뿐이며, 많아야 시간의 3분의 1쯤입니다.
meter-lesson-biases-saved = 파라미터 수는 적어도 역전파의 깊이는 같습니다. 역전파는 이 층들을 모두 학습할 때만큼 깊이 내려가야 합니다. 아끼는 것은 가중치의 기울기뿐입니다. 여기서는 시간의 약 { $share }이고, 많아야 3분의 1쯤입니다.
cli-meter-memory = 옵티마이저 메모리 { $optimiser }, 활성값 메모리는 { $length }토큰짜리 텍스트 { $batch }개의 배치에서 많아야 { $activations }.

## 기준선
verdict-chance = 우연보다 낫다고 할 수 없습니다. 항상 “{ $label }”{ PARTICLE($label, "으로/로") } 예측해도 { $majority }이므로, 이 행들로는 모델이 클래스를 구별한다고 볼 수 없습니다.
verdict-model-ahead = 단어 세기보다 낫습니다. 같은 행에서 단어 가방(BoW)과 로지스틱 회귀는 { $words }입니다.
verdict-undecided = 단어 세기와 비슷합니다. 같은 행에서 단어 가방(BoW)과 로지스틱 회귀는 { $words }이고, 구간 안에 있습니다.
verdict-words-ahead = 단어 세기가 더 낫습니다. 같은 행에서 단어 가방(BoW)과 로지스틱 회귀는 { $words }입니다. 이 과제로 학습한 적 없는 동결된 특징은 이보다 못할 수 있습니다. 층을 더 녹여 보세요.
reference-majority = 다수 클래스
reference-words = 단어 가방(BoW)
cli-reference-line = 단어 가방(BoW)과 로지스틱 회귀: 정확도 { $words }, 매크로 F1 { $f1 } (단어과 단어 쌍 { $features }개, C = { $c })

## 예상과 결과
guess-switch = 먼저 예상하기
    .hint = 학습하기 전에 예상을 적어 두면, 나중에 결과 화면에서 실제와 나란히 보여 줍니다. “–” 그대로 두면 예상하지 않은 것입니다.
guess-accuracy = 예상 테스트 정확도
    .hint = 모델이 테스트 행 가운데 얼마를 맞힐지 예상합니다.
guess-secs = 예상 시간(초)
    .hint = 학습이 얼마나 걸릴지 예상합니다.
guess-accuracy-line = 정확도를 { $guess }{ PARTICLE($guess, "으로/로") } 예상했고, 실제는 { $truth }입니다({ $difference }%p).
time-shared = { $time } (그중 { $shared } 공유)
guess-secs-line = 학습 시간을 { $guess }{ PARTICLE($guess, "으로/로") } 예상했고, 실제는 { $truth } 걸렸습니다.
guess-own-line = Thaw는 { $secs }{ PARTICLE($secs, "으로/로") } 추정했습니다.
cli-train-guess_accuracy = 예상하는 테스트 정확도(0–1). 끝에 실제와 나란히 보여 줍니다(--guess-secs도 필요)
cli-train-guess_secs = 예상하는 학습 시간(초)(--guess-accuracy도 필요)
