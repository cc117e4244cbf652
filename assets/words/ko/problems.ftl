# 프로그램 어디서나 생길 수 있는 문제.
internal-error = Thaw 내부에서 문제가 생겼습니다. 디스크의 내용은 바뀌지 않았습니다. 아래 글을 알려 주세요.
file-error = { $kind ->
        [not-found] { $file }: 찾을 수 없습니다. 이름과 폴더를 확인하세요.
        [permission] { $file }: 권한이 없습니다. 권한을 바꾸거나 다른 폴더를 쓰세요.
        [is-folder] { $file }: 폴더입니다. 파일을 지정하세요.
        [not-folder] { $file }: 이 경로나 그 일부가 폴더가 아니라 파일입니다. 폴더를 지정하세요.
        [read-only] { $file }: 쓸 수 없는 디스크에 있습니다. 다른 폴더를 쓰세요.
        [exists] { $file }: 이미 있습니다. 다른 이름을 쓰세요.
        [busy] { $file }: 다른 프로그램이 쓰고 있습니다. 그 프로그램에서 닫고 다시 시도하세요.
        [name] { $file }: 파일 이름으로 쓸 수 없습니다. 더 짧고 단순한 이름을 쓰세요.
        [not-text] { $file }: UTF-8 텍스트가 아닙니다. UTF-8로 저장하고 다시 시도하세요.
       *[other] { $file }: 읽거나 쓸 수 없습니다. 다른 프로그램이 쓰고 있는지 확인하세요.
    }
disk-full = 디스크가 가득 차서 { $file } 파일을 쓸 수 없습니다. 공간을 비우고 다시 시도하세요.
run-disk-full = 디스크가 가득 차서 { $file } 파일을 쓸 수 없습니다. 공간을 비운 뒤 실행을 이어서 하면 마지막 체크포인트부터 계속합니다.
run-folder-made-again = 학습 중에 실행 폴더 { $folder }{ PARTICLE($folder, "이/가") } 지워졌거나 이름이 바뀌었습니다. 지금까지 기록한 내용으로 폴더를 다시 만들었고, 학습은 계속됩니다.
run-folder-lost = 실행이 끝나는 순간 실행 폴더 { $folder }{ PARTICLE($folder, "이/가") } 지워졌거나 이름이 바뀌어 그 안에 모델이 없습니다. 폴더는 모델 없이 다시 만들었습니다. 실행을 이어 가면 다시 학습합니다.
checkpoint-disk-full = 디스크가 가득 차서 { $file } 파일을 쓸 수 없습니다. 학습은 계속되고 이전 체크포인트는 그대로 있습니다. 공간을 비우면 다음 체크포인트부터 저장합니다.
log-disk-full = 디스크가 가득 차서 { $file } 파일을 쓸 수 없습니다. 학습은 계속되고, 공간이 생기면 빠진 내용을 씁니다.
disk-too-small = { $folder } 폴더에 약 { $need_mb }MB를 써야 하는데 { $free_mb }MB만 남아 있습니다. 공간을 비우거나 --out 또는 THAW_RUNS_DIR로 다른 디스크에 저장하세요.
setting-out-of-bounds = { $setting } 값이 { $value }입니다. { $min }부터 { $max } 사이여야 합니다.
class-weights-unknown = 클래스 가중치의 “{ $label }”{ PARTICLE($label, "은/는") } 이 데이터의 레이블({ $labels })이 아닙니다. 이름을 고치거나 빼세요.
freeze-too-many-layers = top:{ $k }{ PARTICLE($k, "은/는") } 모델의 인코더 층({ $layers }개)보다 많습니다. 0부터 { $layers }까지 고르세요.
freeze-unknown-name = 모델 { $model }에는 “{ $name }” 파라미터가 없습니다. `thaw params`가 이름을 보여 줍니다.
freeze-bad-glob = 계획의 규칙 “{ $rule }”{ PARTICLE($rule, "은/는") } 올바른 패턴이 아닙니다. 예: encoder.layer.5.*
freeze-rule-matches-nothing = 계획의 규칙 “{ $rule }”에 맞는 파라미터가 이 모델에 없습니다. `thaw params`가 이름을 보여 줍니다.
freeze-nothing-trains = 모든 파라미터가 동결되어 배울 것이 없습니다. 분류 헤드처럼 하나 이상을 학습하게 하세요.
