# 텍스트 지도: thaw map과 탐색 화면의 쪽.

cli-about-map = 실행의 테스트 행을 지도로 그립니다: 층마다 선형 프로브가 레이블을 얼마나 읽는지 보여 주고, --json이면 점도 씁니다.
cli-map-run_dir = 실행 폴더
cli-map-layer = --json이 점을 쓸 층, 0부터 (마지막 층)
cli-map-method = 벡터를 점으로 바꾸는 방법: pca 또는 tsne (pca)
usage-expects-map-method = pca 또는 tsne
cli-map-points = --json이면 점도 씁니다.
stage-text-map = 텍스트 지도를 만드는 중
cli-stage-text-map = 텍스트 지도를 만드는 중
map-no-layer = 층 { $layer }{ PARTICLE($layer, "이/가") } 없습니다. 이 모델의 층은 0부터 { $last }까지입니다.
map-no-before = 미세 조정 전 모델을 열 수 없어 미세 조정한 모델만 그립니다. { $problem }
map-other-shape = { $model }{ PARTICLE($model, "은/는") } 층 수나 폭이 이 실행의 모델과 다릅니다.
map-layer = 층
    .hint = 벡터를 가져올 인코더 층. 동결 패널처럼 0부터 셉니다.
map-before = 조정 전
map-after = 조정 후
map-shown = 두 축의 분산 비율
map-interval = { $accuracy }({ $low }~{ $high })
map-probes-told = 미세 조정 전후, 층마다 첫 토큰의 벡터에 대한 선형 프로브의 정확도와 95% 구간입니다. { $part ->
        [validation] 검증
       *[other] 학습
    } 행 { $rows }개로 맞추고 테스트 행 { $all }개 중 { $tested }개로 쟀습니다.
map-unchanged = { $last ->
        [0] 층 0은 전후가 같습니다.
       *[other] 층 0부터 { $last }까지는 전후가 같습니다.
    }
map-table = 표
    .hint = 행을 목록으로 봅니다.
map-map = 지도
    .hint = 테스트 행을 점으로 봅니다. 층마다 모델이 어떤 텍스트를 가까이 두는지 보여 줍니다.
map-title = 텍스트 지도
    .hint = 점 하나가 테스트 행 하나입니다. 고른 층을 지난 첫 토큰의 벡터를 2차원으로 나타냈습니다. 가까운 행은 모델에 비슷하게 보입니다. 점들을 끌어서 둘러싸면 그 행을 고르고, 점을 클릭하면 표시합니다.
map-waiting = 테스트 행을 미세 조정 전후의 모델에 넣어 모든 층의 벡터를 한 번에 구하는 중…
map-not-yet = t-SNE가 아직 이 층에 이르지 않았습니다. 마지막 층부터 시작합니다.
map-pca = PCA
    .hint = 주성분 분석: 벡터가 가장 많이 달라지는 두 방향입니다. 이 축에서는 거리가 맞지만, 다른 축도 있습니다.
map-tsne = t-SNE
    .hint = 이웃을 모아 무리를 보여 줍니다. 무리 사이의 거리와 무리의 크기는 거의 뜻이 없습니다.
map-colour = 색
map-by-label = 실제 레이블
map-by-predicted = 예측 레이블
map-by-error = 맞음·틀림
map-by-confidence = 확신도
map-by-run = 조정 전·후
map-other-labels = 다른 레이블
map-less-sure = { $to } 미만
map-as-sure = { $from }~{ $to }
map-side-before = 미세 조정 전
map-side-after = 미세 조정 후
map-side-both = 미세 조정 전과 후
map-caption = { $side } · 프로브 { $accuracy }
map-moving = t-SNE { $share }
map-stop = 멈추기
map-rows = 테스트 행 { $all }개 중 { $rows }개.
map-precision = 벡터를 계산한 정밀도: { $precision }.
map-pca-both = 두 그림의 축은 같습니다. 두 모델의 벡터를 모아 맞춘 축이며 분산의 { $share }를 보여 줍니다.
map-pca-one = 두 축이 분산의 { $share }를 보여 줍니다.
map-tsne-both = 미세 조정 후의 점은 조정 전의 점이 끝난 자리에서, 각 층은 바로 위층이 끝난 자리에서 시작했습니다.
map-tsne-one = 각 층은 바로 위층이 끝난 자리에서 시작했습니다.
map-same = 이 층까지는 미세 조정으로 바뀐 것이 없습니다.
map-lasso = 점들을 끌어서 둘러싸면 고릅니다.
map-before-x = 조정 전 x
map-before-y = 조정 전 y
map-summary = { $side }: 테스트 행 { $rows }개의 점, 층 { $layer }
map-row = { $row }행: 실제 { $label }, 예측 { $predicted }({ $confidence })
map-probes = 선형 프로브
    .hint = 층을 지난 벡터에서 로지스틱 회귀가 레이블을 얼마나 맞히는지 봅니다. 2차원 그림은 무리를 숨기거나 지어낼 수 있지만 이 숫자는 그렇지 않습니다.
map-probes-waiting = 층마다 프로브를 맞추는 중…
map-probes-later = 지도 다음에 프로브가 나옵니다.
map-probes-of = 지도에 있는 테스트 행의 정확도. { $part ->
        [validation] 검증
       *[other] 학습
    } 행 { $rows }개로 맞췄습니다.
map-probe-both = 층 { $layer }: 조정 전 { $before }, 조정 후 { $after }
map-probe-one = 층 { $layer }: { $after }
map-words = 두드러진 단어
    .hint = 고른 행에 우연보다 많이 나오는 단어를 두드러진 것부터 보여 줍니다. 클릭하면 그 단어가 있는 행만 봅니다.
map-words-later = 지도에서 점들을 끌어서 둘러싸거나 다른 방법으로 행을 고르면, 다른 행과 구별되는 단어가 여기에 표시됩니다.
map-words-none = 이 선택을 다른 행과 구별하는 단어가 없습니다.
map-word = 단어
map-chosen = 고른 행
map-others = 다른 행
map-score = 점수
map-word-said = { $word }: 고른 행 { $chosen }개, 다른 행 { $others }개
