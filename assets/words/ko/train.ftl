# 학습 중에 생기는 문제.
train-not-finite = { $step }번째 스텝(학습률 { $rate })에서 손실이 숫자가 아니게 되었습니다. 지금까지 배운 것은 쓸 수 없습니다. 학습률을 10분의 1로 줄이거나 기울기 클리핑을 켜 보세요.

prefix-layers = 층 0–{ $last }은 한 번만 계산: 메모리 { $memory }
prefix-embeddings = 임베딩은 한 번만 계산: 메모리 { $memory }
prefix-file = 파일 { $file }
prefix-full = 나머지는 다시 계산
prefix-why = 학습하는 가장 낮은 층 아래의 동결된 층이 내는 값은 바뀌지 않으므로 한 번만 계산해 보관합니다. 그래서 그 층에서는 드롭아웃이 꺼집니다. 동결된 층의 드롭아웃을 켜면 보관할 수 없습니다.
