# Behaviour tests

cli-about-check = Ask a run's model about its test rows again, changed in ways whose effect is known, and count where it does not answer as it should.
cli-check-run_dir = The run folder
cli-check-templates = A TOML file with templates of your own; see the guide
check-test = Test
check-expects = Label must
check-cases = Cases
check-failures = Failures
check-rate = Rate
check-same = stay
check-other = change
check-label = be { $label }
check-example = Failed: { $test }
check-negation = “not” added
check-typos = two letters swapped
check-punctuation = full stop taken away or added
check-case = capitals
check-names = another name
check-places = another place
check-neutral-words = neutral sentence added
check-template-negation = templates: negated
check-template-opposite = templates: opposite word
check-template-same = templates: neutral words added
check-why-korean = Most of these texts are Korean: neutral sentences and templates are asked in Korean. The tests of “not” in rows, names, places, typos and capitals know English only.
check-why-other-language = Most of these texts are neither English nor Korean, so the tests that know words have no cases. Templates of your own (--templates) can be in any language.
check-why-no-opinions = The tests of negation take two labels that are opinions, such as positive and negative. These labels are others; templates of your own (--templates) can say what is expected of them.
compare-behaviour = Failed tests
compare-check = Test the behaviour
    .hint = Each run is asked about changed texts, such as with “not” added. The share of wrong answers stands in the table; point at it for examples.
examine-rate-of = { $test }: { $rate } ({ $failures } of { $cases })
stage-behaviour = Asking about changed texts
cli-stage-behaviour = asking about changed texts
check-label-unknown = The test “{ $test }” expects the label “{ $label }”, which the run does not have. Its labels: { $labels }.
check-file-unreadable = { $file } is no file of templates. It needs at least one [[template]] with test, before, and either label or after and expects.
check-template-unclear = In { $file }, the test “{ $test }” does not say what is expected. Give either label, or after together with expects = "same" or "other".
check-blank-unknown = In { $file }, the test “{ $test }” has the blank { $name }, for which there are no words. List them under [words].
