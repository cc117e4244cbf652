# 프로그램 어디서나 생길 수 있는 문제.
internal-error = Thaw 내부에서 문제가 생겼습니다: { $error }. 디스크의 내용은 바뀌지 않았습니다. 이 문장을 알려 주세요.
file-error = { $file }: { $error }. 파일이 있는지, 읽고 쓸 수 있는지 확인하세요.
disk-full = 디스크가 가득 차서 { $file } 파일을 쓸 수 없습니다. 공간을 비우고 다시 시도하세요.
run-disk-full = 디스크가 가득 차서 { $file } 파일을 쓸 수 없습니다. 공간을 비운 뒤 실행을 이어서 하면 마지막 체크포인트부터 계속합니다.
checkpoint-disk-full = 디스크가 가득 차서 { $file } 파일을 쓸 수 없습니다. 학습은 계속되고 이전 체크포인트는 그대로 있습니다. 공간을 비우면 다음 체크포인트부터 저장합니다.
log-disk-full = 디스크가 가득 차서 { $file } 파일을 쓸 수 없습니다. 학습은 계속되고, 공간이 생기면 빠진 내용을 씁니다.
disk-too-small = { $folder } 폴더에 약 { $need_mb }MB를 써야 하는데 { $free_mb }MB만 남아 있습니다. 공간을 비우거나 --out 또는 THAW_RUNS_DIR로 다른 디스크에 저장하세요.
setting-out-of-bounds = { $setting } 값이 { $value }입니다. { $min }부터 { $max } 사이여야 합니다.
freeze-too-many-layers = top:{ $k }{ PARTICLE($k, "은/는") } 모델의 인코더 층({ $layers }개)보다 많습니다. 0부터 { $layers }까지 고르세요.
freeze-unknown-name = 모델 { $model }에는 “{ $name }” 파라미터가 없습니다. `thaw params`가 이름을 보여 줍니다.
freeze-bad-glob = 계획의 규칙 “{ $rule }”{ PARTICLE($rule, "은/는") } 올바른 패턴이 아닙니다: { $error }.
freeze-rule-matches-nothing = 계획의 규칙 “{ $rule }”에 맞는 파라미터가 이 모델에 없습니다. `thaw params`가 이름을 보여 줍니다.
freeze-nothing-trains = 모든 파라미터가 동결되어 배울 것이 없습니다. 분류 헤드처럼 하나 이상을 학습하게 하세요.
