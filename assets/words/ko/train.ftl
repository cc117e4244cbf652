# 학습 중에 생기는 문제.
train-not-finite = { $step }번째 스텝(학습률 { $rate })에서 손실이 NaN이 되어 실행을 끝냈습니다. { $kept }번째 스텝까지의 모델을 실행 폴더에 남겼습니다. 학습률을 { $less }{ PARTICLE($less, "으로/로") } 줄이거나 기울기 클리핑을 켜 보세요.
train-not-finite-lost = { $step }번째 스텝(학습률 { $rate })에서 손실이 NaN이 되어 실행을 끝냈습니다. 지금까지 배운 것은 쓸 수 없습니다. 학습률을 { $less }{ PARTICLE($less, "으로/로") } 줄이거나 기울기 클리핑을 켜 보세요.

prefix-layers = 층 0–{ $last }: 한 번만 계산, 메모리 { $memory }
prefix-embeddings = 임베딩은 한 번만 계산: 메모리 { $memory }
prefix-file = 파일 { $file }
prefix-full = 나머지는 다시 계산
prefix-none-embeddings = 보관할 것이 없음: 임베딩을 학습하므로 그 아래에 동결된 층이 없습니다
prefix-none-dropout = 보관하지 않음: 동결된 층에서 드롭아웃이 작동합니다
prefix-none-off = 보관하지 않음: 설정에서 껐습니다
prefix-why = 학습하는 가장 낮은 층 아래의 동결된 층이 내는 값은 바뀌지 않으므로 한 번만 계산해 보관합니다. 그래서 그 층에서는 드롭아웃이 꺼집니다. 동결된 층의 드롭아웃을 켜면 보관할 수 없습니다.
cpu-unknown = { $variable } 값 { $value }{ PARTICLE($value, "은/는") } 쓸 수 없습니다. { $names } 가운데 하나로 정하거나 비워 두세요.
precision-gains-nothing = 이 프로세서에는 { $precision } 명령이 없어 얻는 것이 없으므로 f32로 계산합니다.
precision-not-on-device = { $device }에서는 { $precision } 정밀도로 계산하지 않습니다. 그 정밀도를 f32로 두거나 프로세서에서 학습하세요.
frozen-precision-nothing-frozen = 가장 낮은 학습 층 아래에 동결된 것이 없어 { $precision } 정밀도로 두는 가중치가 없습니다. 이 설정이 없을 때와 똑같이 계산합니다.
frozen-test-line = 학습할 때처럼 동결된 층을 { $precision }{ PARTICLE($precision, "으로/로") } 두면 { $accuracy }입니다({ $difference }포인트, 예측이 달라진 행 { $changed }개).
device-not-built = 이 Thaw는 { $device }에서 학습할 수 없습니다. 프로세서로 학습하거나, 그 장치용으로 빌드하세요: cargo build --release --features { $device }
device-absent = 이 컴퓨터에서 { $device } 장치가 작동하지 않습니다. 프로세서로 학습하세요.
memory-too-small = 이 실행에는 메모리가 약 { $need }GB 필요한데 { $free }GB만 비어 있습니다. 다음 중 하나면 됩니다: { $fitting }. 또는 다른 프로그램을 닫으세요.
memory-too-small-for-all = 이 실행에는 메모리가 약 { $need }GB 필요한데 { $free }GB만 비어 있습니다. 가장 작은 배치도 들어가지 않습니다. 다른 프로그램을 닫거나 더 작은 모델을 고르세요.
