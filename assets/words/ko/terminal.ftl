# 터미널 프로그램: 도움말, 보고, 실행과 작업자의 문제.

cli-about = BERT 텍스트 분류기를 미세 조정하고, 층을 동결하면 무엇이 달라지는지 봅니다.
cli-about-train = 텍스트와 레이블이 있는 표로 모델을 미세 조정합니다.
cli-about-data = 데이터 파일에 무엇이 있고, 어떻게 읽고 나누며, 무엇을 살펴야 하는지 봅니다.
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
cli-arg-model = 사전 학습 모델: bundled(all-MiniLM-L6-v2) Hugging Face 형식의 폴더, 또는 klue/bert-base와 같은 Hugging Face Hub의 모델(없으면 내려받음)
cli-arg-freeze = 학습 대상. 1: 분류 헤드만; 2: 풀러까지; 3: 마지막 층까지(기본); full: 전부; top:K: 마지막 K개 층; biases: 모든 편향; 또는 계획 파일
cli-arg-text_column = 텍스트 열(자동으로 고름)
cli-arg-second_text_column = 전제에 딸린 가설처럼 행마다 두 번째 텍스트가 있는 열(없으면 행마다 텍스트 하나)
cli-arg-label_column = 레이블 열(자동으로 고름)
cli-arg-encoding = 파일의 인코딩, 예: utf-8, euc-kr, windows-1252 (자동으로 고름)
cli-arg-delimiter = 필드 사이의 구분자: 문자 하나, 또는 tab, comma, semicolon, bar (자동으로 고름)
cli-arg-quoting = 텍스트 안의 따옴표를 쓴 방식: 두 번 겹쳐(double), 백슬래시 뒤에(backslash), 그대로(none), 작은따옴표가 칸을 감쌈(single) (자동으로 고름)
cli-arg-header = 첫 행이 열 이름인지 여부. 이름이 없으면 열을 1, 2, 3, ...으로 부름 (첫 행이 다른 행과 같음이 분명하지 않으면 yes)
cli-arg-keep_missing_words = nan, NULL, None 같은 단어를 빈 값이 아니라 텍스트와 레이블로 씀
cli-arg-accept_skipped = 파일의 10분의 1이 넘는 행을 건너뛰더라도 나머지 행을 씀
cli-arg-run_dir = 실행 폴더, 또는 시퀀스 분류기가 든 Hugging Face 폴더
cli-arg-label_map = 파일의 레이블이 각각 모델의 어느 레이블인지, 예: 0=NEGATIVE,1=POSITIVE (확실할 때만 추측함); 쉼표나 등호가 든 이름은 큰따옴표로 묶음; 또는 파일: JSON 객체, 머리글 없는 두 열의 CSV
cli-train-new_head = 모델에 딸려 온 분류 헤드를 그대로 쓸 수 있어도 새 분류 헤드로 시작합니다
cli-train-keep_head = 모델에 딸려 온 분류 헤드를 파일의 레이블에 그대로 쓸 수 없으면 학습하지 않습니다
cli-train-data = 표(CSV, TSV, JSON, JSON Lines, .xlsx, .ods, fastText)나 그것을 담은 .gz, .zip 또는 클래스별 폴더가 든 폴더; 없으면 내장 영화평
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
cli-train-seed = 분류 헤드 초깃값, 행의 순서, 드롭아웃의 시드 (42)
cli-train-split_seed = 학습·검증·테스트 행을 나누는 시드 (42)
cli-train-max_rows = 클래스 비율을 지키며 이만큼의 행만 씁니다
cli-train-test_share = 테스트에 쓸 행의 비율 (0.2)
cli-train-validation_share = 나머지 행 중 검증에 쓸 비율 (0.3)
cli-train-patience = 검증 손실이 이만큼의 에폭 동안 줄지 않으면 멈춥니다 (끔)
cli-train-keep = 남길 가중치: 마지막 에폭, 또는 검증 정확도가 가장 높은 에폭 (last)
cli-train-class_weights = 손실에서 클래스마다 행에 주는 가중치: balanced, 또는 negative=2,positive=1처럼 이름으로 (모두 같음)
cli-train-threads = 계산에 쓸 스레드 수 (물리 코어마다 하나)
cli-train-device = 계산 장치 (cpu); cuda와 metal은 그 기능으로 빌드해야 합니다
cli-train-no_prefix_cache = 동결된 층의 결과를 보관하지 않고 에폭마다 다시 계산
cli-train-cache_memory = 동결된 층의 결과에 쓸 메모리(MiB) (남은 메모리의 4분의 1)
cli-train-cache_disk = 메모리를 다 쓴 뒤 쓸 임시 파일(MiB) (빈 공간의 절반); 0이면 쓰지 않음
cli-train-accumulate = 기울기를 더해 한 스텝으로 만들 배치 수 (1)
cli-train-out = 실행 폴더; 새 폴더이거나 비어 있어야 합니다 (내 실행들 가운데 새 폴더)
cli-evaluate-classifier = 실행 폴더, 분류 헤드가 있는 Hugging Face 폴더, 또는 Hugging Face Hub의 모델(없으면 내려받음); --head와 함께라면 bundled나 다른 사전 학습 모델도
cli-predict-classifier = 실행 폴더, 분류 헤드가 있는 Hugging Face 폴더, 또는 Hugging Face Hub의 모델(없으면 내려받음); --head와 함께라면 bundled나 다른 사전 학습 모델도
cli-arg-head = 모델의 헤드 대신 쓸 헤드: 실행, 폴더, 또는 safetensors 파일; 둘은 같은 사전 학습 모델의 것이어야 합니다
cli-predict-data = 분류할 텍스트가 있는 표; 행마다 한 줄씩 씁니다
cli-evaluate-data = 평가할 레이블 있는 파일; 없으면 그 실행의 테스트 행
cli-predict-second = 쌍의 두 번째 텍스트. TEXT마다 한 번씩 쓰며, 행마다 두 텍스트로 학습한 모델에 씁니다
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
cli-freeze-line = { $name }: 파라미터 { $total }개 중 { $trainable }개 학습({ $share })
cli-freeze-no-pooler = 이 모델에는 풀러가 없어서 { $name }{ PARTICLE($name, "은/는") } 프리셋 1과 같습니다.
cli-head = 분류 헤드
cli-head-kept = 모델에 딸려 온 분류 헤드를 그대로 씁니다({ $labels })
cli-head-replaced = 모델에 딸려 온 분류 헤드({ $labels })를 새 분류 헤드로 바꿉니다
cli-labels = 레이블
cli-label-map-states = . --label-map으로 지정할 수 있습니다
cli-training = 학습 설정
cli-training-line = { $epochs }에폭, 배치 { $batch }, 학습률 { $rate }({ $schedule }), 최대 길이 { $length }, 시드 { $seed }
cli-training-best = , 가장 좋은 에폭을 남김
cli-training-patience = , { $epochs }에폭 동안 나아지지 않으면 멈춤
cli-class-weights = 클래스 가중치
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
cli-bar-within-step = 스텝 { $step }: { $percent }  손실 { $loss }
cli-bar-validate = 검증 중 { $done }/{ $total }
cli-stage-read-data = 데이터를 읽는 중
cli-stage-tokenise = 토큰으로 나누는 중
cli-stage-load-model = 모델을 읽는 중
cli-stage-validate = 검증 중
cli-stage-test = 테스트 중
cli-stage-save = 저장 중
cli-test-line =
    테스트 { $rows }행
    정확도 { $accuracy } (95% 구간 { $low } ~ { $high }); 항상 “{ $label }”{ PARTICLE($label, "으로/로") } 예측하면 { $majority }
    매크로 F1 { $f1 }, 손실 { $loss }
cli-class-label = 레이블
cli-class-precision = 정밀도
cli-class-recall = 재현율
cli-class-f1 = F1
cli-class-support = 행 수
cli-matrix = 혼동 행렬: 세로는 실제 레이블, 가로는 예측한 레이블
cli-matrix-corner = 실제
cli-matrix-of-worst = 클래스 { $classes }개 중 가장 자주 혼동된 { $shown }개의 혼동 행렬 (행: 실제, 열: 예측). 전체는 metrics.json에 있습니다
cli-pairs = 많이 틀린 쌍
cli-pairs-true = 실제
cli-pairs-predicted = 예측
cli-pairs-count = 행
cli-pairs-share = 비율
cli-classes-worst = 클래스 { $classes }개 중 F1이 가장 낮은 { $shown }개. 전체는 metrics.json에 있습니다
cli-ended-completed =
    { $time } 걸렸고, 실행 폴더는 { $folder }입니다
    써 보기: thaw predict "{ $folder }" { $texts }
cli-ended-stopped = 멈췄습니다. 지금까지 배운 것은 { $folder }에 있습니다
cli-ended-nothing = 첫 스텝 전에 멈춰서 저장할 것이 없습니다.
cli-ended-failed = 실행이 실패했습니다. 기록은 { $folder }에 있습니다
cli-data-file = train에 쓰는 것과 같은 데이터 파일, 또는 bundled
cli-data-rows = 살필 점마다 보여 줄 행의 수 (3; --json이면 1000)
cli-card-file-line = { $name } ({ $encoding }): 쓸 수 있는 행 { $rows }개, 건너뛴 행 { $skipped }개
cli-card-columns = 열
cli-card-columns-line = 텍스트는 “{ $text }”({ $first }), 레이블은 “{ $label }”({ $second }), 모두 { $columns }개 열
cli-card-by-given = 지정한 대로
cli-card-by-name = 이름을 보고
cli-card-by-longest = 추측: 가장 긴 텍스트
cli-card-by-fewest = 추측: 가장 적은 종류의 값
cli-card-lengths = 길이
cli-card-lengths-line = { $model } 기준 중앙값 { $median }토큰, 최대 { $longest }토큰; { $cut ->
        [0] { $most }토큰을 넘는 텍스트 없음
       *[other] 텍스트 { $cut }개는 { $most }토큰에서 자름
    }
cli-card-unknown = 단어
cli-card-unknown-line = 모델이 모르는 단어 { $share }(처음 행들 기준)
cli-card-label = 레이블
cli-card-rows = 행
cli-card-train = 학습
cli-card-validation = 검증
cli-card-test = 테스트
cli-card-rarest = 레이블 { $labels }개 가운데 행이 가장 적은 { $shown }개:
cli-card-more = ... 그 밖에 더 있음(--rows)
cli-card-lists = `thaw data`로 각 줄에 해당하는 행을 볼 수 있습니다.
cli-skipped = { $file }에서 건너뛴 행: { $count }
cli-skipped-kind = { $count ->
        [1] {"  "}{ $row }행: { $reason }
       *[other] {"  "}{ $row }행부터 { $count }개 행: { $reason }
    }
cli-skipped-more = {"  "}...
cli-params-name = 파라미터
cli-params-shape = 모양
cli-params-count = 개수
cli-params-totals = 파라미터 { $total }개 중 { $trainable }개 학습({ $share }), { $frozen }개 동결.
cli-trainable = 학습
cli-frozen = 동결
cli-predict-column = { $file }의 “{ $column }” 열을 텍스트로 읽습니다(자동으로 고름; --text-column으로 지정).
cli-predict-prompt = 한 줄에 텍스트 하나씩 적으세요. Ctrl-D로 끝냅니다.
cli-predict-prompt-pairs = 한 줄에 한 쌍씩, 두 텍스트 사이에 탭을 넣어 적으세요. Ctrl-D로 끝냅니다.
cli-predict-columns = { $file }의 “{ $first }” 열과 “{ $second }” 열을 두 텍스트로 읽습니다.

# 실행과 작업자의 문제.
run-no-home = 실행을 저장할 사용자 폴더를 찾지 못했습니다. --out으로 폴더를 정하거나 THAW_RUNS_DIR을 설정하세요.
run-folder-not-empty = { $folder } 폴더가 비어 있지 않습니다. 실행은 파일을 덮어쓰지 않으므로 새 폴더를 정하거나 이 폴더를 비우세요.
run-folder-is-file = { $folder }{ PARTICLE($folder, "은/는") } 파일입니다. 실행을 저장할 폴더를 정하세요.
run-or-model-not-found = { $name } 폴더가 없고, Hub의 모델로도 쓸 수 없습니다: { $problem }
bundled-without-head = 내장 모델에는 분류 헤드가 없습니다. --head에 실행 폴더를 주거나, 실행 폴더를 쓰세요.
run-not-found = { $folder } 폴더가 없습니다. 이름을 확인하세요. 실행 목록은 `thaw runs`로 볼 수 있습니다.
run-without-model = { $folder }의 실행에는 모델이 없습니다. 저장하기 전에 실패했습니다. 스텝 기록은 steps.jsonl에 있습니다.
run-without-head = { $folder }의 모델에는 분류 헤드가 없습니다. 실행 폴더를 정하거나 먼저 학습하세요: thaw train --model "{ $folder }".
run-lacks-parameters = { $folder }의 모델에는 분류 헤드가 있지만 그 앞의 { $names } 값이 없어 무작위 값이 됩니다. 먼저 학습하세요: thaw train --model "{ $folder }".
run-unreadable = { $file } 파일을 읽을 수 없습니다. 다른 실행을 고르거나 --data로 데이터를 주세요.
run-fresh-parameters = { $model } 모델에는 { $names } 값이 없어서 분류 헤드처럼 무작위 값에서 시작합니다.
run-unknown-words = 이 글들의 단어 중 { $share }%를 { $model } 모델의 토크나이저가 모릅니다(앞쪽 행 기준). 모델은 모르는 단어를 서로 구별하지 못합니다. 이 언어로 만든 모델을 고르거나, 토크나이저가 이 모델의 것인지 확인하세요.
run-under-way = 다른 실행이 진행 중입니다. 멈추거나 끝날 때까지 기다리세요.
plan-unreadable = { $file } 파일은 계획이 아닙니다. { $line }번째 줄을 고치세요. 계획은 {"{"}"rules": [{"{"}"parameters": "encoder.layer.5.*", "state": "trainable"{"}"}]{"}"} 모양입니다.
max-length-above-positions = max-length가 { $value }인데 { $model } 모델은 토큰을 최대 { $positions }개까지 읽습니다. { $positions } 이하로 고르세요.
no-model-yet = 아직 열린 모델이 없습니다. 먼저 모델을 고르세요.
predict-needs-second = 이 모델은 “{ $first }” 열과 “{ $second }” 열로 학습하여 텍스트 쌍을 분류합니다. 둘 다 주세요(predict: TEXT --second TEXT, 표준 입력에서는 한 줄에 탭으로 나누어, 표에서는 --text-column 이름 --second-text-column 이름).
predict-one-text = 이 모델은 행마다 텍스트 하나로 학습했습니다. --second와 --second-text-column을 빼세요.
predict-unpaired = 텍스트는 { $texts }개인데 두 번째 텍스트는 { $seconds }개입니다. TEXT마다 --second TEXT를 한 번씩 주세요.
nothing-trained-yet = 이번에 학습한 모델이 아직 없습니다. 먼저 학습하세요.
evaluate-needs-data = { $folder }{ PARTICLE($folder, "은/는") } Thaw의 실행 폴더가 아니어서 자기 테스트 행이 없습니다. --data로 레이블 있는 파일을 주세요.
evaluate-training-unknown = 학습에 쓴 데이터 { $file }{ PARTICLE($file, "이/가") } 제자리에 없거나 바뀌어, 이 파일의 행으로도 학습했는지 알 수 없습니다.
evaluate-data-changed = { $file } 파일이 실행 때와 달라져 그 실행의 테스트 행을 찾을 수 없습니다. 예전 파일을 되돌리거나 --data로 레이블 있는 파일을 주세요.
window-without-display = 창을 띄울 화면이 없습니다(DISPLAY도 WAYLAND_DISPLAY도 없습니다). 터미널에서는 thaw train을 쓰세요.
window-failed = 창을 열지 못했습니다. 터미널에서는 thaw train을 쓰세요.

# 디스크에 있는 실행.
cli-about-runs = 실행 목록을 보여 줍니다.
cli-about-export = 실행의 모델을 모델 카드와 함께 깨끗한 Hugging Face 폴더로 씁니다.
cli-train-checkpoint_minutes = 에폭 안에서 체크포인트를 남기는 간격(분); 0이면 에폭 끝에만 (10)
cli-train-resume = 끝나지 않은 실행을 가장 새로운 체크포인트에서, 그 실행의 설정으로 이어 갑니다
cli-train-continued = 끝난 실행의 모델과 설정으로 새 실행을 시작합니다; --epochs, --learning-rate, --out을 함께 쓸 수 있습니다
cli-runs-folder = 실행이 들어 있는 폴더 (사용자 폴더)
cli-export-to = 쓸 폴더; 새 폴더이거나 비어 있어야 합니다
cli-run-has-settings = { $own }{ PARTICLE($own, "은/는") } 그 실행의 설정을 쓰므로 { $other }{ PARTICLE($other, "을/를") } 함께 쓸 수 없습니다
cli-resumed = 전체 { $total }스텝 중 { $step }스텝 다음부터 이어 갑니다.
cli-runs-none = 아직 실행이 없습니다.
cli-runs-name = 이름
cli-runs-started = 시작
cli-runs-data = 데이터
cli-runs-model = 모델
cli-runs-freeze = 동결
cli-runs-state = 상태
cli-runs-accuracy = 정확도
cli-runs-time = 시간
cli-runs-completed = 완료
cli-runs-stopped = 중지됨
cli-runs-failed = 실패
cli-runs-running = 진행 중
cli-runs-unfinished = 끝나지 않음, { $total } 중 { $step }
cli-exported = 모델을 { $folder }에 썼습니다
resume-no-run = { $folder } 폴더는 Thaw의 실행이 아닙니다. thaw train이 쓴 폴더를 지정하세요.
resume-finished = { $folder }의 실행은 끝났으므로 이어 갈 것이 없습니다. 에폭를 더 하려면: thaw train --continue "{ $folder }" --epochs 3
resume-data-changed = { $file } 파일이 실행을 시작할 때와 달라서 같은 행으로 이어 갈 수 없습니다. 예전 파일을 되돌리거나 새로 실행하세요.
resume-model-changed = { $model } 모델이 실행을 시작할 때와 달라서 동결된 가중치가 체크포인트와 맞지 않습니다. 예전 모델을 되돌리거나 새로 실행하세요.
resume-other-format = 체크포인트를 다른 버전의 Thaw가 썼습니다. 그 버전으로 이어 가거나 새로 실행하세요.
run-in-use = { $folder }의 실행은 다른 프로그램이 학습하고 있습니다. 끝날 때까지 기다리세요.
run-not-deleted = { $folder } 폴더를 휴지통으로 옮기지 못했습니다.
checkpoint-damaged = { $file } 파일이 손상되어 실행을 이어 갈 수 없습니다. 새로 실행하세요.
checkpoint-not-written = 체크포인트를 쓰지 못했습니다. { $problem } 학습은 계속되고 이전 체크포인트는 그대로 있습니다.

# 터미널이 쓸 수 없는 인자.
usage-help = 도움말: { $command } --help
usage-unknown-option = { $option } 옵션은 없습니다.
usage-unexpected = “{ $value }” 인자는 받지 않습니다. 띄어쓰기가 있는 글은 따옴표로 감싸세요.
usage-unknown-command = “{ $command }” 명령은 없습니다.
usage-missing-command = 명령이 빠졌습니다: { $names }.
usage-similar = 비슷한 이름: { $names }.
usage-value-missing = { $argument }에 값이 필요합니다: { $form }
usage-bad-value = “{ $value }”{ PARTICLE($value, "은/는") } { $argument }의 값이 될 수 없습니다.
usage-bad-value-of = “{ $value }”{ PARTICLE($value, "은/는") } { $argument }의 값이 될 수 없습니다. 쓸 수 있는 값: { $expected }.
usage-takes-no-value = { $argument }에는 값이 없는데 “{ $value }” 값을 썼습니다.
usage-conflict = { $argument } 인자는 { $others } 인자와 함께 쓸 수 없습니다.
usage-twice = { $argument } 인자를 두 번 썼습니다. 한 번만 쓰세요.
usage-missing = 빠진 인자: { $arguments }.
usage-not-text = 인자 하나가 올바른 유니코드 글이 아닙니다.
usage-other = 인자를 이해할 수 없습니다.
usage-expects-whole = 0 이상의 정수
usage-expects-smaller = 더 작은 수
usage-expects-number = 0.5와 같은 수
usage-expects-rows = 행 수 또는 all
usage-expects-label-map = 쉼표로 이은 레이블=모델의 레이블 짝(예: 0=NEGATIVE,1=POSITIVE) 또는 파일(.json, .csv, .tsv)
usage-expects-freeze = 1, 2, 3, full, top:K, biases, 계획 파일(.json)
usage-expects-schedule = linear, constant, cosine
usage-expects-keep = last, best
usage-expects-class-weights = balanced, 또는 negative=2,positive=1 같은 클래스=가중치
usage-expects-device = cpu, cuda, metal
usage-expects-delimiter = 문자 하나, 또는 tab, comma, semicolon, bar
usage-expects-quoting = double, backslash, none, single
usage-expects-yes-or-no = yes, no
usage-expects-model-id = 이름, 소유자/이름, 소유자/이름@리비전
cli-output-failed = 출력을 쓸 수 없습니다. 파일로 보내고 있다면 디스크의 공간을 확인하세요.
