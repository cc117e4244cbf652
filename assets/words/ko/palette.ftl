# 할 수 있는 모든 것: 명령 목록, 단축키, 처음 쓰는 사람을 위한 안내.
palette-title = 모든 명령
palette-search = 한국어나 영어로 찾기
palette-none = 이런 이름의 명령이 없습니다.
palette-keys = ↑ ↓ 선택 · Enter 실행 · Esc 닫기
palette-entry = { $group }: { $name }
palette-group-run = 실행
palette-group-go = 이동
palette-group-freeze = 동결
palette-group-open = 열기
palette-group-compare = 비교
palette-group-lesson = 수업
palette-group-help = 도움말
palette-open-data = 데이터 파일…
palette-open-data-folder = 데이터 폴더…
palette-open-model = 모델 폴더…
palette-compare-runs = 실행 폴더…
palette-compare-works = 학생들의 제출 파일…
language-english = 영어 (English)
language-korean = 한국어
palette-dialog-open = 파일 대화 상자가 이미 열려 있습니다.
palette-not-paused = 일시 정지한 실행이 없습니다.
palette-no-lesson = 열린 수업이 없습니다.

## 도움말
help-button = 도움말
help-title = 단축키와 도움말
guide-title = 안내서
guide-search = 안내서에서 찾기 (Ctrl+F)
guide-none = 안내서에 이런 말이 없습니다.
help-tab = 다음 항목으로, 또는 이전 항목으로 이동
help-press = 선택한 항목 누르기
help-arrows = 트리를 접거나 펼치기, 칸 사이 이동
help-escape = 창 닫기
help-zoom = 확대하거나 축소하기, Ctrl 0은 원래 크기

## 첫걸음
first-steps-title = 첫걸음
first-steps-skip = 건너뛰기
first-steps-place = { $steps }단계 중 { $step }단계
first-steps-row-limit = 실행 시간 줄이기
    .hint = 행 수 제한을 켜고 600으로 정하세요. 학습이 몇 초 만에 끝납니다.
    .way = 이 구역을 열고 행 수 제한을 600으로 정하세요. 학습이 몇 초 만에 끝납니다.
first-steps-train = 모델 학습하기
    .hint = 학습 시작을 누르고 곡선을 보세요. 프리셋 3은 모델의 맨 위만 학습하고 나머지는 동결합니다.
first-steps-results = 결과 보기
    .hint = 학습이 끝나면 결과를 여세요. 모델이 테스트 행을 얼마나 맞혔는지 볼 수 있습니다.
first-steps-thaw = 층 하나 더 해동하기
    .hint = 이 층을 선택하세요. 모델의 더 많은 부분이 학습합니다. 다시 학습해서 정확도와 시간이 얼마나 달라지는지 보세요.
    .way = 이 구역을 열고 층을 하나 더 선택하세요. 모델의 더 많은 부분이 학습합니다.
