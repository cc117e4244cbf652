# 터미널 프로그램: 도움말, 보고, 실행과 작업자의 문제.

cli-about = BERT 텍스트 분류기를 미세 조정하고, 층을 동결하면 무엇이 달라지는지 봅니다.
cli-about-train = 텍스트와 레이블이 있는 표로 모델을 미세 조정합니다.
cli-about-params = 모델의 모든 파라미터와 동결 여부를 보여 줍니다.
cli-about-evaluate = 학습한 모델을 그 실행의 테스트 행이나 파일로 평가합니다.
cli-about-predict = 학습한 모델로 텍스트를 분류합니다.
cli-after-help = 명령 없이 실행하면 창이 열립니다.
cli-usage = 사용법
cli-heading-arguments = 인자
cli-heading-options = 옵션
cli-heading-commands = 명령

cli-arg-help = 도움말을 보여 줍니다
cli-arg-version = 버전을 보여 줍니다
cli-arg-json = 다른 프로그램을 위해 표준 출력에 한 줄에 하나씩 JSON 객체를 씁니다
cli-arg-model = 사전 학습 모델: bundled(all-MiniLM-L6-v2) 또는 Hugging Face 형식의 폴더
cli-arg-freeze = 학습할 부분. 1: 분류기만; 2: 풀러까지; 3: 마지막 층까지(기본); full: 전부; top:K: 마지막 K개 층; biases: 모든 편향; 또는 계획 파일
cli-arg-text_column = 텍스트 열(자동으로 고름)
cli-arg-label_column = 레이블 열(자동으로 고름)
cli-arg-encoding = 파일의 인코딩, 예: utf-8, euc-kr, windows-1252 (자동으로 고름)
cli-arg-delimiter = 필드 사이의 구분자: 문자 하나, 또는 tab, comma, semicolon, bar (자동으로 고름)
cli-arg-run_dir = 실행 폴더, 또는 시퀀스 분류기가 든 Hugging Face 폴더
cli-train-data = 머리글이 있는 CSV 파일; 없으면 내장 영화평
cli-train-validation_data = 행의 일부 대신 검증에 쓸 파일
cli-train-test_data = 행의 일부 대신 테스트에 쓸 파일
cli-train-epochs = 학습 행을 도는 횟수 (3)
cli-train-batch_size = 옵티마이저 스텝마다 쓰는 행 수 (16)
cli-train-learning_rate = 최고 학습률 (동결에 따라 1, 2는 1e-3, 3은 1e-4, full은 5e-5)
cli-train-weight_decay = AdamW의 가중치 감쇠 (0)
cli-train-warmup_ratio = 학습률이 올라가는 구간의 비율 (0)
cli-train-schedule = 워밍업 뒤 학습률의 변화 (linear)
cli-train-clip = 기울기 노름의 상한; 0이면 끕니다 (1)
cli-train-max_length = 읽을 토큰 수, 나머지는 자릅니다 (128)
cli-train-dropout = 모든 곳의 드롭아웃 확률; 0이면 끕니다 (모델의 값)
cli-train-frozen_dropout = 학습하는 층 아래의 동결된 층에서도 드롭아웃을 씁니다
cli-train-seed = 분류기 초깃값, 행의 순서, 드롭아웃의 시드 (42)
cli-train-split_seed = 학습·검증·테스트 행을 나누는 시드 (42)
cli-train-max_rows = 클래스 비율을 지키며 이만큼의 행만 씁니다
cli-train-test_share = 테스트에 쓸 행의 비율 (0.2)
cli-train-validation_share = 나머지 행 중 검증에 쓸 비율 (0.3)
cli-train-patience = 검증 손실이 이만큼의 에폭 동안 줄지 않으면 멈춥니다 (끔)
cli-train-keep = 남길 가중치: 마지막 에폭, 또는 검증 정확도가 가장 높은 에폭 (last)
cli-train-threads = 계산에 쓸 스레드 수 (물리 코어마다 하나)
cli-train-out = 실행 폴더; 새 폴더이거나 비어 있어야 합니다 (내 실행들 가운데 새 폴더)
cli-evaluate-data = 평가할 레이블 있는 파일; 없으면 그 실행의 테스트 행
cli-predict-texts = 분류할 텍스트; 없으면 표준 입력에서 한 줄에 하나씩

cli-error = 오류: { $sentence }
cli-warning = 경고: { $sentence }
cli-note = { $sentence }

cli-data = 데이터
cli-data-line = { $name }: { $rows }행({ $encoding }), 텍스트 열 “{ $text }”, 레이블 열 “{ $label }”에 { $classes }개: { $labels }
cli-split = 분할
cli-split-line = 학습 { $train }행, 검증 { $validation }행, 테스트 { $test }행
cli-model = 모델
cli-model-line = { $name }: { $layers }개 층, 은닉 크기 { $hidden }, 헤드 { $heads }개
cli-freeze = 동결
cli-freeze-line = { $name }: 숫자 { $total }개 중 { $trainable }개 학습({ $share } %)
cli-training = 학습
cli-training-line = { $epochs }에폭, 배치 { $batch }, 학습률 { $rate }({ $schedule }), 최대 길이 { $length }, 시드 { $seed }
cli-training-best = , 가장 좋은 에폭을 남김
cli-training-patience = , { $epochs }에폭 동안 나아지지 않으면 멈춤
cli-schedule-linear = 선형
cli-schedule-constant = 고정
cli-schedule-cosine = 코사인
cli-epoch-epoch = 에폭
cli-epoch-train-loss = 학습 손실
cli-epoch-train-accuracy = 학습 정확도
cli-epoch-validation-loss = 검증 손실
cli-epoch-validation-accuracy = 검증 정확도
cli-epoch-speed = 행/초
cli-epoch-time = 시간
cli-bar-step = { $epoch }에폭  손실 { $loss }  정확도 { $accuracy }
cli-bar-validate = 검증 중 { $done }/{ $total }
cli-stage-read-data = 데이터를 읽는 중
cli-stage-tokenise = 토큰으로 나누는 중
cli-stage-load-model = 모델을 읽는 중
cli-stage-validate = 검증 중
cli-stage-test = 테스트 중
cli-stage-save = 저장 중
cli-test-line =
    테스트 { $rows }행
    정확도 { $accuracy } (95 % 구간 { $low } ~ { $high }); 늘 “{ $label }”라고 답하면 { $majority }
    매크로 F1 { $f1 }, 손실 { $loss }
cli-class-label = 레이블
cli-class-precision = 정밀도
cli-class-recall = 재현율
cli-class-f1 = F1
cli-class-support = 행 수
cli-matrix = 혼동 행렬: 세로는 실제 레이블, 가로는 예측한 레이블
cli-matrix-corner = 실제
cli-matrix-too-wide = 레이블 { $classes }개의 혼동 행렬은 실행 폴더의 metrics.json과 --json 출력에 있습니다.
cli-ended-completed =
    { $time } 걸렸고, 실행 폴더는 { $folder }입니다
    써 보기: thaw predict "{ $folder }" "…"
cli-ended-stopped = 멈췄습니다. 지금까지 배운 것은 { $folder }에 있습니다
cli-ended-nothing = 첫 스텝 전에 멈춰서 저장할 것이 없습니다.
cli-ended-failed = 실행이 실패했습니다. 기록은 { $folder }에 있습니다
cli-skipped = { $file }에서 { $count }행을 건너뛰었습니다
cli-skipped-row = {"  "}{ $row }행: { $reason }
cli-skipped-more = {"  "}...
cli-params-name = 파라미터
cli-params-shape = 모양
cli-params-count = 개수
cli-params-totals = 숫자 { $total }개 중 { $trainable }개 학습({ $share } %), { $frozen }개 동결.
cli-trainable = 학습
cli-frozen = 동결
cli-predict-prompt = 한 줄에 텍스트 하나씩 적으세요. Ctrl-D로 끝냅니다.

# 실행과 작업자의 문제.
run-no-home = 실행을 저장할 사용자 폴더를 찾지 못했습니다. --out으로 폴더를 정하거나 THAW_RUNS_DIR을 설정하세요.
run-folder-not-empty = { $folder } 폴더가 비어 있지 않습니다. 실행은 파일을 덮어쓰지 않으므로 새 폴더를 정하거나 이 폴더를 비우세요.
run-folder-is-file = { $folder }는 파일입니다. 실행을 저장할 폴더를 정하세요.
run-not-found = { $folder } 폴더가 없습니다. 실행 폴더나 시퀀스 분류기가 든 Hugging Face 폴더를 정하세요.
run-without-model = { $folder }의 실행에는 모델이 없습니다. 저장하기 전에 실패했습니다. 스텝 기록은 steps.jsonl에 있습니다.
run-without-head = { $folder }의 모델에는 분류 헤드가 없습니다. 실행 폴더를 정하거나 먼저 학습하세요: thaw train --model "{ $folder }".
run-unreadable = { $file } 파일을 읽을 수 없습니다: { $error }. 다른 실행을 고르거나 --data로 데이터를 주세요.
run-under-way = 다른 실행이 진행 중입니다. 멈추거나 끝날 때까지 기다리세요.
plan-unreadable = { $file } 파일은 계획이 아닙니다: { $error }. 계획은 {"{"}"rules": [{"{"}"parameters": "encoder.layer.5.*", "state": "trainable"{"}"}]{"}"} 모양입니다.
max-length-above-positions = max-length가 { $value }인데 { $model } 모델은 토큰을 최대 { $positions }개까지 읽습니다. { $positions } 이하로 고르세요.
no-model-yet = 아직 열린 모델이 없습니다. 먼저 모델을 고르세요.
nothing-trained-yet = 이번에 학습한 모델이 아직 없습니다. 먼저 학습하세요.
evaluate-needs-data = { $folder }는 Thaw의 실행 폴더가 아니어서 자기 테스트 행이 없습니다. --data로 레이블 있는 파일을 주세요.
evaluate-data-changed = { $file } 파일이 실행 때와 달라져 그 실행의 테스트 행을 찾을 수 없습니다. 예전 파일을 되돌리거나 --data로 레이블 있는 파일을 주세요.
window-without-display = 창을 띄울 화면이 없습니다(DISPLAY도 WAYLAND_DISPLAY도 없습니다). 터미널에서는 thaw train을 쓰세요.
window-failed = 창을 열지 못했습니다: { $error }. 터미널에서는 thaw train을 쓰세요.
