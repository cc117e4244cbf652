# 실행을 폴더로 내보내기: 모델(16비트 포함), TensorBoard 파일, 표, 클러스터용 학습.

cli-export-run_dir = 실행 폴더
cli-export-half = 가중치를 16비트(f16 또는 bf16)로 반올림하고, 무엇이 달라지는지 실행의 테스트 행으로 잽니다. --to와 함께 씁니다
cli-export-tensorboard = 실행의 수치를 TensorBoard 이벤트 파일로 이 새 폴더에 씁니다
cli-export-tables = 실행의 기록을 CSV와 JSON lines로 이 새 폴더에 씁니다: 곡선, 층, 혼동 행렬, 지표, 예측
cli-train-tensorboard = 학습하면서 실행의 tensorboard 폴더에 TensorBoard 이벤트 파일을 씁니다
cli-export-cluster = 학습을 accelerate나 torchrun으로 클러스터에서 돌릴 새 폴더로 씁니다. RUN_DIR의 학습, 또는 아래 설정의 학습입니다
usage-expects-half = f16 또는 bf16
run-exported = 모델을 { $folder }에 썼습니다
board-exported = TensorBoard 파일을 { $folder }에 썼습니다. 보려면: tensorboard --logdir "{ $folder }"
tables-exported = 표를 { $folder }에 썼습니다
cluster-exported = 클러스터용 폴더를 { $folder }에 썼습니다. 시작하는 방법은 README.md에 있습니다.
half-overflow = { $name }의 값 { $value }{ PARTICLE($value, "은/는") } { $half }에 담을 수 없습니다. bf16으로(--half=bf16) 또는 반올림하지 않고 내보내세요.
export-no-weights = { $file }에서 가중치를 읽을 수 없습니다. 반올림하지 않고 내보내거나 다시 학습하세요.
rounded-measured = 가중치: { $half }. 테스트 { $rows }행에서 정확도 { $accuracy_before } → { $accuracy }, 손실 { $loss_before } → { $loss }, 확률의 가장 큰 차이 { $difference }, 예측이 바뀐 행 { $changed }개. 카드에도 적었습니다.
rounded-unmeasured = 가중치: { $half }. 무엇이 달라지는지는 재지 못했습니다: { $problem }
run-exported-rounded = 내보냈습니다: { $folder }. 가중치 { $half }: 테스트 { $rows }행의 정확도가 { $accuracy_before }에서 { $accuracy }{ PARTICLE($accuracy, "으로/로") } 바뀌고, 확률은 { $difference } 넘게 달라지지 않습니다.
run-exported-unmeasured = 내보냈습니다: { $folder }. 가중치 { $half }; 무엇이 달라지는지는 재지 못했습니다: { $problem }
runs-export-model = 모델…
    .hint = 모델 카드와 함께, Hugging Face가 읽는 그대로
runs-export-f16 = 16비트 모델 (f16)…
    .hint = 크기가 절반입니다. 반올림으로 달라지는 점을 실행의 테스트 행으로 재서 카드에 적습니다
runs-export-bf16 = 16비트 모델 (bf16)…
    .hint = f16과 같지만, f16이 담지 못하는 수도 담습니다
runs-export-board = TensorBoard…
    .hint = 실행의 수치, 혼동 행렬, 카드를 TensorBoard 이벤트 파일로
runs-export-tables = 표…
    .hint = 곡선, 층, 혼동 행렬, 지표, 예측를 CSV와 JSON lines로
runs-export-cluster = 클러스터용…
    .hint = PyTorch로 클러스터에서 돌릴 폴더: 데이터, 행, 모델, 스크립트, 시작하는 방법
runs-export-cancel = 내보내기 중지
    .hint = 폴더 쓰기를 멈춥니다. 쓰던 것은 남지 않습니다
runs-exporting = 내보내는 중: { $percent }
panel-tensorboard = TensorBoard 파일
    .hint = 학습하면서 TensorBoard 이벤트 파일을 실행 폴더에 씁니다. 끝난 실행도 내보낼 수 있습니다.
