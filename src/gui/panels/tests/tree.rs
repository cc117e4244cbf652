//! These tests drive the presets and the tree of parameters.

use super::*;

#[test]
fn presets_train_what_the_lecture_says() {
    let mut harness = open(state());
    harness.get_by_label("Trains 1,923,074 of 22,713,986 (8.5 %)");
    for (name, preset, trainable) in [
        ("Preset 1", Freeze::Preset1, 770),
        ("Preset 2", Freeze::Preset2, 148_610),
        ("Full", Freeze::Full, 22_713_986),
        ("Top 2", Freeze::Top(2), 3_697_538),
        ("Preset 3", Freeze::Preset3, 1_923_074),
    ] {
        click(&mut harness, name);
        assert_eq!(harness.state_mut().actions.pop(), Some(Action::Train(TrainAction::SetFreeze(preset))));
        assert_eq!(on(&harness.state().state), trainable, "{name}");
    }
    click(&mut harness, "Biases only");
    assert_eq!(harness.state().state.train.config.freeze, Freeze::Biases);
}

#[test]
fn a_model_without_a_pooler_says_that_preset_2_is_preset_1() {
    let mut tree = bert_tree(6, 384, 2);
    tree.parameters.retain(|p| p.part != Part::Pooler);
    let mut state = state();
    state.train.config.freeze = Freeze::Preset2;
    state.train.trainable = Freeze::Preset2.resolve(&tree).unwrap();
    assert_eq!(state.train.trainable, Freeze::Preset1.resolve(&tree).unwrap());
    state.train.model = Loading::Ready(Arc::new(tree));
    let mut harness = open(state);
    harness.get_by_label_contains("This model has no pooler, so this is the same as preset 1");
    click(&mut harness, "Preset 3");
    harness.get_by_label_contains("The last encoder layer and the classifier train");
}

#[test]
fn the_number_of_top_layers_can_be_typed() {
    let mut harness = open(state());
    harness.get_by_label("Number of top layers").click();
    harness.run();
    let field = harness.get_by_label("Number of top layers");
    field.type_text("4");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().actions.last(), Some(&Action::Train(TrainAction::SetFreeze(Freeze::Top(4)))));
}

#[test]
fn a_group_box_thaws_and_freezes_all_that_it_stands_for() {
    let mut harness = open(state());
    assert_eq!(checkbox(&harness, "Layer 4").accesskit_node().toggled(), Some(Toggled::False));
    assert_eq!(checkbox(&harness, "Encoder").accesskit_node().toggled(), Some(Toggled::Mixed));
    click_box(&mut harness, "Layer 4");
    let layer = names(&harness.state().state, |name| name.starts_with("encoder.layer.4."));
    assert_eq!(layer.len(), 16);
    assert_eq!(harness.state().actions, [Action::Train(TrainAction::SetTrainable { names: layer.clone(), on: true })]);
    assert_eq!(harness.state().state.train.config.freeze, Freeze::Top(2));
    assert_eq!(checkbox(&harness, "Layer 4").accesskit_node().toggled(), Some(Toggled::True));

    click_box(&mut harness, "Layer 4");
    assert_eq!(
        harness.state().actions.last(),
        Some(&Action::Train(TrainAction::SetTrainable { names: layer, on: false }))
    );
    // A partly trainable group is thawed first.
    click_box(&mut harness, "Encoder");
    assert_eq!(checkbox(&harness, "Encoder").accesskit_node().toggled(), Some(Toggled::True));
    click_box(&mut harness, "Encoder");
    assert_eq!(checkbox(&harness, "Encoder").accesskit_node().toggled(), Some(Toggled::False));
}

#[test]
fn a_single_parameter_is_found_unfolded_toggled_and_opened() {
    let mut harness = open(state());
    for group in ["Layer 0", "Layer 0 Attention"] {
        harness.get_by_label(&format!("Unfold {group}")).click();
        harness.run();
    }
    let name = "encoder.layer.0.attention.self.query.weight";
    click_box(&mut harness, name);
    assert!(
        harness
            .state()
            .actions
            .contains(&Action::Train(TrainAction::SetTrainable { names: vec![name.to_owned()], on: true }))
    );
    assert!(matches!(harness.state().state.train.config.freeze, Freeze::Names(_)));
    assert_eq!(checkbox(&harness, "Layer 0").accesskit_node().toggled(), Some(Toggled::Mixed));

    click(&mut harness, &format!("Show the values of {name}"));
    assert_eq!(harness.state().actions.last(), Some(&Action::Train(TrainAction::OpenParameter(Some(name.to_owned())))));
    harness.get_by_label("Reading the values …");
}

#[test]
fn an_opened_parameter_shows_its_values_and_closes() {
    let mut with_view = state();
    let name = "classifier.weight";
    let view = ParameterView {
        name: name.into(),
        shape: vec![2, 384],
        first: vec![0.015625; 32],
        min: -0.0625,
        max: 0.0625,
        mean: 0.001,
        std: 0.02,
        histogram: vec![1, 5, 9, 5, 1],
        of: ValuesOf::Run,
        model: "all-MiniLM-L6-v2".into(),
        run: Some("runs/first".into()),
        trained: Some(true),
    };
    with_view.train.tree.opened = Some((name.into(), Loading::Ready(view.clone())));
    let mut harness = Harness::builder()
        .with_size(vec2(1024.0, 700.0))
        .with_max_steps(8)
        .with_context_setup(theme::install)
        .build_ui_state(
            |ui, window: &mut Window| {
                let words = Catalogue::new(Language::English);
                let scene = &mut Scene { state: &window.state, words: &words, actions: &mut window.actions };
                panels_ui(ui, scene);
            },
            Window { state: with_view, actions: Vec::new() },
        );
    harness.run();
    harness.get_by_label("requires_grad = True");
    harness.get_by_label("in this run");
    harness.get_by_label("Values of the run “first”, after training");
    harness.get_by_label("Shape 2×384, 768 values");
    assert_eq!(harness.get_all_by_label("  0.01562").count(), 32);
    harness.get_by_role_and_label(Role::Button, "Before training").click();
    harness.run();
    let back = Action::Train(TrainAction::ShowValuesOf(ValuesOf::Model));
    assert_eq!(harness.state_mut().actions.pop(), Some(back));
    let name = "pooler.dense.bias".to_owned();
    let of_model = ParameterView { of: ValuesOf::Model, name: name.clone(), run: None, ..view };
    harness.state_mut().state.train.tree.opened = Some((name, Loading::Ready(of_model)));
    harness.run();
    harness.get_by_label("Values of the pretrained model all-MiniLM-L6-v2, before training");
    harness.get_by_label("in the next run");
    assert!(harness.query_by_label("After training").is_none(), "there are no others");
    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!(harness.state().actions, [Action::Train(TrainAction::OpenParameter(None))]);
}

#[test]
fn a_box_under_a_filter_stands_for_the_matches_only() {
    let mut harness = open(state());
    harness.get_by_label("Filter by name").click();
    harness.run();
    harness.get_by_label("Filter by name").type_text("self.query.bias");
    harness.run();
    assert_eq!(harness.state().state.train.tree.filter, "self.query.bias");
    assert!(harness.query_by_role_and_label(Role::CheckBox, "Pooler").is_none());
    click_box(&mut harness, "Encoder");
    let queries = names(&harness.state().state, |name| name.ends_with("self.query.bias"));
    assert_eq!(queries.len(), 6);
    assert_eq!(
        harness.state().actions.last(),
        Some(&Action::Train(TrainAction::SetTrainable { names: queries, on: true }))
    );
    click(&mut harness, "Clear the filter");
    assert_eq!(harness.state().state.train.tree.filter, "");
    checkbox(&harness, "Pooler");
}

#[test]
fn the_keyboard_reaches_toggles_and_folds() {
    let mut unfolded = state();
    for layer in 0..6 {
        unfolded.train.tree.unfolded.insert(format!("encoder.layer.{layer}"));
    }
    let mut harness = open(unfolded);
    checkbox(&harness, "Embeddings").focus();
    harness.run();
    harness.key_press(Key::Space);
    harness.run();
    assert_eq!(checkbox(&harness, "Embeddings").accesskit_node().toggled(), Some(Toggled::True));
    harness.key_press(Key::ArrowRight);
    harness.run();
    assert!(harness.state().state.train.tree.unfolded.contains("embeddings"));
    harness.key_press(Key::ArrowLeft);
    harness.run();
    assert!(!harness.state().state.train.tree.unfolded.contains("embeddings"));
    // Rows beyond the lower edge are not drawn until the keyboard comes near.
    assert!(harness.query_by_role_and_label(Role::CheckBox, "Classifier").is_none());
    let reached = (0..100).any(|_| {
        harness.key_press(Key::Tab);
        harness.run();
        harness.query_by_role_and_label(Role::CheckBox, "Classifier").is_some_and(|node| node.is_focused())
    });
    assert!(reached);
    harness.key_press(Key::Space);
    harness.run();
    assert_eq!(checkbox(&harness, "Classifier").accesskit_node().toggled(), Some(Toggled::False));
}

#[test]
fn a_large_model_draws_only_what_is_seen() {
    let mut large = state();
    let tree = bert_tree(24, 1024, 5);
    large.train.trainable = large.train.config.freeze.resolve(&tree).unwrap();
    large.train.model = Loading::Ready(Arc::new(tree));
    large.train.tree.filter = "e".into();
    let mut harness = open(large);
    harness.run();
    let boxes = harness.get_all_by_role(Role::CheckBox).count();
    assert!((10..30).contains(&boxes), "{boxes}");
}
