# The coach
coach-name = 코치
coach-less = 접기
coach-signs = { $count ->
    [1] 코치
   *[other] 코치 ({ $count })
}
coach-to-loss = 손실 보기
coach-to-matrix = 행렬 보기
coach-to-rate = 학습률 보기
coach-to-data = 데이터 보기
coach-to-freeze = 동결 보기
coach-one-class = 거의 모든 행을 “{ $label }”{ PARTICLE($label, "으로/로") } 예측합니다(검증 행의 { $share }%). 모델이 아직 클래스를 구별하지 못합니다. 더 오래 학습하거나, 층을 더 녹이거나, 다른 학습률을 써 보세요.
coach-stuck = 학습 손실이 { $loss }에 머물러 있습니다. { $classes }개 클래스를 찍어 맞힐 때의 손실({ $guessing })이니 아직 배우는 것이 없습니다. 다른 학습률을 쓰거나 층을 더 녹여 보세요.
coach-overfitting = 검증 손실은 에폭 { $epoch } 뒤에 { $best }{ PARTICLE($best, "으로/로") } 가장 낮았고 지금은 { $validation }인데, 학습 손실은 { $before }에서 { $train }{ PARTICLE($train, "으로/로") } 계속 내려갔습니다. 모델이 학습 행을 외우고 있습니다. 에폭을 줄이거나, 조기 종료를 켜거나, 가장 좋은 에폭을 남기세요.
coach-cut = 학습 텍스트의 { $share }%가 { $length }토큰을 다 채워서 그 뒤는 읽지 않습니다. 최대 길이를 늘리면 더 읽지만 시간이 더 듭니다.
coach-rate-broke = 학습률 { $rate }에서 손실이 NaN이 되었습니다. 너무 높습니다. 이 동결에는 { $suggested }{ PARTICLE($suggested, "을/를") } 권합니다.
coach-rate-high = 학습률 { $rate }{ PARTICLE($rate, "은/는") } 너무 높은 듯합니다. 이 동결에는 { $suggested }{ PARTICLE($suggested, "을/를") } 권하며, 손실은 { $peak }까지 올랐다가 지금 { $loss }입니다.
coach-rate-low = 학습률 { $rate }{ PARTICLE($rate, "은/는") } 너무 낮은 듯합니다. 이 동결에는 { $suggested }{ PARTICLE($suggested, "을/를") } 권하며, 손실은 { $first }에서 { $last }까지밖에 내려가지 않았습니다.
coach-untrained-pooler = 한 번도 학습하지 않은 풀러(편향이 정확히 0) 위에서 헤드만 학습합니다. 정확도는 { $accuracy }(다수 클래스는 { $majority }), 손실은 { $loss }(찍을 때는 { $guessing })입니다. 프리셋 2는 풀러도 학습합니다.
coach-unbalanced = 클래스가 불균형합니다. 검증 행의 { $most }%가 “{ $largest }”, { $fewest }%가 “{ $smallest }”입니다. 항상 앞의 것으로 답해도 정확도가 { $majority }이니 매크로 F1과 클래스별 값을 보세요.
