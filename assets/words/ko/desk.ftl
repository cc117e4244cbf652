# 강사의 책상: 반 전체가 제출한 것.
desk-tab = 제출물
    .hint = 학생들이 제출한 답, 점수, 예상을 봅니다.
desk-empty = 열린 제출물이 없습니다. 학생들이 제출한 파일을 창에 끌어다 놓으세요.
desk-questions = 문항별
    .hint = 한 문항에 대한 모든 답을 줄이지 않고 보여 줍니다.
desk-table = 학생별
    .hint = 학생마다 한 행이고, 칸마다 값이 하나입니다.
desk-guesses = 예상
    .hint = 실행 전에 학생들이 예상한 값과 실제 결과를 견줍니다.
desk-hide-names = 이름 숨기기
    .hint = 여기와 곡선에서 학생을 ‘학생 1’, ‘학생 2’로 표시하므로 수업 중에 화면을 보여 줄 수 있습니다. 복사하거나 저장한 파일에도 이름이 없습니다.
desk-save = 채점용으로 저장…
    .hint = 스프레드시트용 CSV 파일 하나에 학생마다 한 행씩 모든 답, 점수, 시간을 저장합니다. 이름을 숨기면 파일에도 이름이 없습니다.
desk-file = { $lesson } 제출물
desk-student = 학생 { $number }
desk-version = 버전 { $letter }
desk-versions = 이 수업은 내용이 서로 다른 { $count }개 버전으로 제출되었습니다. { $versions }. 버전마다 따로 보여 주고, 채점용 파일에는 모두 담습니다.
desk-repeated = 두 번 이상 제출한 학생: { $students }. 모든 파일을 오래된 것부터 보여 줍니다.
desk-run = { $student } · { $step }단계 · { $freeze }
desk-run-seed = { $run } · 시드 { $seed }
desk-runs-of = 실행 단계
desk-all-steps = 모든 단계
desk-step = { $step }단계

## 문항별
desk-previous = 이전
desk-next = 다음
desk-place = { $at } / { $count }
desk-first-answers = 해설을 보기 전 학생 { $count }명의 첫 답
desk-chosen = { $choice }: { $of }명 중 { $count }명 선택
desk-no-answer = 답이 없습니다.
desk-first-answer = 첫 답: { $answer }
desk-attempts = { $count }번 답함
desk-points = { $points } / { $most }점
desk-give = 점수
desk-give-points = { $student }: { $most }점 중 { $points }점

## 예상
desk-no-guesses = 이 수업에서는 아무도 예상하지 않았습니다. 수업 파일에 guess = true가 있는 실행 단계에서 예상을 묻습니다.
desk-guessed-accuracy = 정확도
desk-guessed-secs = 시간(초)
desk-axis-accuracy = 예상한 테스트 정확도
desk-axis-secs = 예상한 학습 시간(초)
desk-axis-answer = 답
desk-right-answer = 정답
desk-axis-students = 학생 수
desk-guesses-are = 예상 { $count }개, 중앙값 { $median }.
desk-truth-is = 실제: { $truth }. 낮게 예상 { $low }명, 높게 예상 { $high }명.
desk-truth-line = 실제 { $truth }

## 채점용 표
sheet-number = 학번
sheet-lesson = 수업
sheet-version = 수업 버전
sheet-saved = 저장 시각
sheet-total = 점수
sheet-most = 만점
sheet-ungraded = 채점할 답
sheet-points = 점수
sheet-first-answer = 첫 답
sheet-attempts = 답한 횟수
sheet-answer-secs = 첫 답까지 걸린 시간(초)
sheet-guessed-accuracy = 예상 정확도
sheet-guessed-secs = 예상 시간(초)
sheet-train-secs = 학습 시간(초)
sheet-refused = 거부 이유
sheet-race = { $strategy } 정확도
desk-mean = 평균 { $value }
desk-sum = 합계 { $value }
