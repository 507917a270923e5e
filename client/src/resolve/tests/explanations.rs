//! What is said when nothing fits.

use snapbox::{IntoData, assert_data_eq, str};

use super::answer;

#[track_caller]
fn check(world: &str, request: &str, expected: impl IntoData) {
    assert_data_eq!(answer(world, request), expected);
}

#[test]
fn two_needs_that_exclude_each_other_are_named() {
    let world = "
        amber 1.0.0; needs birch ^2
        amber 1.1.0; needs birch ^2
        birch 1.0.0
        birch 2.0.0";
    check(
        world,
        "amber ^1; birch ^1",
        str![[r#"
because you ask for lab/amber ^1, which depends on lab/birch ^2, lab/birch 2.0.0 is needed
and because you ask for lab/birch ^1, there is no solution

"#]],
    );
}

#[test]
fn different_reasons_for_different_versions_are_put_together() {
    let world = "
        amber 1.0.0; needs birch ^1
        amber 2.0.0; needs cedar ^2
        birch 1.0.0; needs dune ^1
        cedar 1.0.0
        cedar 2.0.0; needs dune ^1
        dune 1.0.0
        dune 2.0.0";
    check(
        world,
        "amber *; dune ^2",
        str![[r#"
because lab/amber 1.0.0 depends on lab/birch ^1, which depends on lab/dune ^1, lab/amber 1.0.0 needs lab/dune 1.0.0 (1)
because lab/amber 2.0.0 depends on lab/cedar ^2, which depends on lab/dune ^1, lab/amber 2.0.0 needs lab/dune 1.0.0
and because lab/amber 1.0.0 needs lab/dune 1.0.0 (1), every version of lab/amber needs lab/dune 1.0.0
and because you ask for lab/amber and lab/dune ^2, there is no solution

"#]],
    );
}

#[test]
fn a_chain_is_told_in_its_order() {
    let world = "
        amber 1.0.0; needs birch *
        birch 1.0.0; needs cedar *
        cedar 1.0.0; needs dune *
        dune 1.0.0; needs elm ^1
        elm 1.0.0
        elm 2.0.0";
    check(
        world,
        "amber *; elm ^2",
        str![[r#"
because lab/cedar 1.0.0 depends on lab/dune, which depends on lab/elm ^1, lab/cedar 1.0.0 needs lab/elm 1.0.0
and because lab/amber 1.0.0 depends on lab/birch, which depends on lab/cedar, lab/amber 1.0.0 needs lab/elm 1.0.0
and because you ask for lab/amber and lab/elm ^2, there is no solution

"#]],
    );
}

#[test]
fn a_branching_proof_refers_to_its_lines() {
    let world = "
        amber 1.0.0; needs apple ^1; needs birch ^1
        amber 1.1.0; needs xenon ^1; needs yarrow ^1
        apple 1.0.0; needs cedar ^1
        birch 1.0.0; needs cedar ^2
        cedar 1.0.0
        cedar 2.0.0
        xenon 1.0.0; needs zinc ^1
        yarrow 1.0.0; needs zinc ^2
        zinc 1.0.0
        zinc 2.0.0";
    check(
        world,
        "amber ^1",
        str![[r#"
because lab/birch 1.0.0 depends on lab/cedar ^2 and lab/apple 1.0.0 depends on lab/cedar ^1, lab/apple 1.0.0 and lab/birch 1.0.0 cannot be used together
and because lab/amber 1.0.0 depends on lab/apple ^1 and lab/birch ^1, lab/amber 1.0.0 cannot be used (1)
because lab/yarrow 1.0.0 depends on lab/zinc ^2 and lab/xenon 1.0.0 depends on lab/zinc ^1, lab/xenon 1.0.0 and lab/yarrow 1.0.0 cannot be used together
and because lab/amber 1.1.0 depends on lab/xenon ^1 and lab/yarrow ^1, lab/amber 1.1.0 cannot be used
and because lab/amber 1.0.0 cannot be used (1), no version of lab/amber can be used
and because you ask for lab/amber ^1, there is no solution

"#]],
    );
}

#[test]
fn a_misspelt_name_is_guessed() {
    check(
        "amber 1.0.0",
        "ambre *",
        str![[r#"
you ask for lab/ambre, which does not exist
hint: did you mean lab/amber instead of lab/ambre?

"#]],
    );
    check(
        "amber 1.0.0; needs zebra ^1",
        "amber *",
        str![[r#"
because you ask for lab/amber, which depends on lab/zebra ^1, which does not exist, there is no solution
hint: check the name lab/zebra, or refresh the index

"#]],
    );
}

#[test]
fn a_version_that_never_was_is_named() {
    check(
        "amber 1.0.0\namber 1.1.0",
        "amber ^2",
        str![[r#"
you ask for lab/amber ^2, which no release matches
hint: the newest release of lab/amber is 1.1.0

"#]],
    );
    check(
        "amber",
        "amber *",
        str![[r#"
you ask for lab/amber, which no release matches

"#]],
    );
}

#[test]
fn a_pre_release_is_offered() {
    check(
        "amber 1.0.0\namber 2.0.0-beta.1",
        "amber ^2",
        str![[r#"
you ask for lab/amber ^2, which no release matches
hint: only pre-releases of lab/amber fit; ask for one by name, such as 2.0.0-beta.1

"#]],
    );
}

#[test]
fn refused_releases_are_hinted_at_once_a_cause() {
    let world = "
        amber 1.0.0; yanked
        amber 1.1.0; yanked
        amber 1.2.0; host ^3
        amber 1.3.0; host ^1
        amber 1.4.0; for wasm32-wasip1
        amber 1.5.0; removed
        amber 1.6.0; newer
        amber 1.7.0; young 2026-01-01T00:00:00Z";
    check(
        world,
        "amber *; host 2.0.0; on x86_64-unknown-linux-gnu",
        str![[r#"
you ask for lab/amber, which no usable release matches
hint: lab/amber 1.7.0 would match, but is too young until 2026-01-01T00:00:00Z
hint: lab/amber 1.6.0 would match, but only newer software reads it
hint: lab/amber 1.5.0 would match, but was removed from the registry
hint: lab/amber 1.4.0 would match, but is for wasm32-wasip1, not for x86_64-unknown-linux-gnu
hint: lab/amber 1.3.0 would match, but needs host ^1, and 2.0.0 is too new
hint: lab/amber 1.1.0 would match, but was yanked

"#]],
    );
    check(
        "amber 1.2.0; host ^3",
        "amber *; host 2.0.0",
        str![[r#"
you ask for lab/amber, which no usable release matches
hint: lab/amber 1.2.0 would match, but needs host ^3, and 2.0.0 is too old

"#]],
    );
    check(
        "amber 1.2.0; needs amber ^3",
        "amber *",
        str![[r#"
you ask for lab/amber, which no usable release matches
hint: lab/amber 1.2.0 would match, but needs itself

"#]],
    );
}

#[test]
fn a_refused_release_in_the_middle_is_hinted_at() {
    let world = "
        amber 1.0.0; needs birch ^1
        birch 1.0.0; needs cedar ^1
        birch 1.1.0; yanked
        cedar 1.0.0
        cedar 2.0.0";
    check(
        world,
        "amber *; cedar ^2",
        str![[r#"
because lab/amber 1.0.0 depends on lab/birch ^1, which depends on lab/cedar ^1, lab/amber 1.0.0 needs lab/cedar 1.0.0
and because you ask for lab/amber and lab/cedar ^2, there is no solution
hint: lab/birch 1.1.0 would match, but was yanked

"#]],
    );
}

#[test]
fn a_conflict_is_called_one() {
    check(
        "amber 1.0.0; not birch <3\nbirch 1.0.0\nbirch 2.0.0",
        "amber *; birch *",
        str![[r#"
because you ask for lab/amber, which conflicts with lab/birch <3, no version of lab/birch can be used
and because you ask for lab/birch, there is no solution

"#]],
    );
    let world = "amber 1.0.0; needs cedar *\nbirch 1.0.0; not cedar *\ncedar 1.0.0";
    check(
        world,
        "amber *; birch *",
        str![[r#"
because lab/birch 1.0.0 conflicts with lab/cedar and lab/amber 1.0.0 depends on lab/cedar, lab/amber 1.0.0 and lab/birch 1.0.0 cannot be used together
and because you ask for lab/amber and lab/birch, there is no solution

"#]],
    );
}

#[test]
fn an_optional_dependency_is_called_one() {
    check(
        "amber 1.0.0; uses birch ^1\nbirch 1.0.0\nbirch 2.0.0",
        "amber *; birch ^2",
        str![[r#"
because you ask for lab/amber, which works only with lab/birch ^1, lab/birch 2.0.0 cannot be used
and because you ask for lab/birch ^2, there is no solution

"#]],
    );
}

#[test]
fn a_cycle_is_shown() {
    let world =
        "amber 1.0.0; needs birch *\nbirch 1.0.0; needs amber *\nbirch 1.1.0; needs amber *";
    check(
        world,
        "amber *",
        str![[r#"
because lab/amber 1.0.0 -> lab/birch -> lab/amber 1.0.0 is a cycle and lab/amber 1.0.0 depends on lab/birch, lab/amber 1.0.0 cannot be used
and because you ask for lab/amber, there is no solution

"#]],
    );
    let world = "
        amber 1.0.0; needs birch *
        birch 1.0.0; needs cedar *
        cedar 1.0.0; needs amber *
        cedar 2.0.0";
    check(
        world,
        "amber *; cedar ^1",
        str![[r#"
because lab/amber 1.0.0 -> lab/birch 1.0.0 -> lab/cedar 1.0.0 -> lab/amber 1.0.0 is a cycle and lab/amber 1.0.0 depends on lab/birch, lab/amber 1.0.0 and lab/cedar 1.0.0 cannot be used together
and because you ask for lab/amber and lab/cedar ^1, there is no solution

"#]],
    );
}

#[test]
fn ranges_are_the_versions_that_exist() {
    let needs: String = (0..9)
        .map(|n| format!("amber 1.{n}.0; needs birch ^{}\n", if n % 2 == 0 { 2 } else { 3 }))
        .collect();
    let world = format!("{needs}birch 1.0.0\nbirch 2.0.0\nbirch 3.0.0");
    check(
        &world,
        "amber *; birch ^1",
        str![[r#"
because lab/amber 1.1.0, 1.3.0, 1.5.0, 1.7.0 depend on lab/birch ^3, and lab/amber 1.0.0, 1.2.0 and others up to 1.8.0 depend on lab/birch ^2, every version of lab/amber needs lab/birch 2.0.0, 3.0.0
and because you ask for lab/amber and lab/birch ^1, there is no solution

"#]],
    );
}

#[test]
fn a_long_proof_is_cut_to_a_screen() {
    let mut world: String =
        (1..2000).map(|n| format!("amber {n}.0.0; needs birch ={n}.0.0\n")).collect();
    world.extend((1..2000).map(|n| format!("birch {n}.0.0; needs cedar ={n}.0.0\n")));
    world.extend((0..2000).map(|n| format!("cedar {n}.0.0\n")));
    check(
        &world,
        "amber *; cedar =0.0.0",
        str![[r#"
because lab/amber 1998.0.0 depends on lab/birch =1998.0.0, which depends on lab/cedar =1998.0.0, lab/amber 1998.0.0 needs lab/cedar 1998.0.0 (1)
because lab/amber 1.0.0 depends on lab/birch =1.0.0, which depends on lab/cedar =1.0.0, lab/amber 1.0.0 needs lab/cedar 1.0.0
and because lab/amber 2.0.0 depends on lab/birch =2.0.0, which depends on lab/cedar =2.0.0, lab/amber 1.0.0, 2.0.0 need lab/cedar 1.0.0, 2.0.0
and because lab/amber 3.0.0 depends on lab/birch =3.0.0, which depends on lab/cedar =3.0.0, lab/amber 1.0.0 to 3.0.0 need lab/cedar 1.0.0 to 3.0.0
and because lab/amber 4.0.0 depends on lab/birch =4.0.0, which depends on lab/cedar =4.0.0, lab/amber 1.0.0 to 4.0.0 need lab/cedar 1.0.0 to 4.0.0
and because lab/amber 5.0.0 depends on lab/birch =5.0.0, which depends on lab/cedar =5.0.0, lab/amber 1.0.0 to 5.0.0 need lab/cedar 1.0.0 to 5.0.0
and because lab/amber 6.0.0 depends on lab/birch =6.0.0, which depends on lab/cedar =6.0.0, lab/amber 1.0.0 to 6.0.0 need lab/cedar 1.0.0 to 6.0.0
and because lab/amber 7.0.0 depends on lab/birch =7.0.0, which depends on lab/cedar =7.0.0, lab/amber 1.0.0 to 7.0.0 need lab/cedar 1.0.0 to 7.0.0
… 1989 more steps …
and because lab/amber 1997.0.0 depends on lab/birch =1997.0.0, which depends on lab/cedar =1997.0.0, lab/amber 1.0.0 to 1997.0.0 need lab/cedar 1.0.0 to 1997.0.0
and because lab/amber 1998.0.0 needs lab/cedar 1998.0.0 (1), lab/amber 1.0.0 to 1998.0.0 need lab/cedar 1.0.0 to 1998.0.0 (2)
because lab/amber 1999.0.0 depends on lab/birch =1999.0.0, which depends on lab/cedar =1999.0.0, lab/amber 1999.0.0 needs lab/cedar 1999.0.0
and because lab/amber 1.0.0 to 1998.0.0 need lab/cedar 1.0.0 to 1998.0.0 (2), every version of lab/amber needs lab/cedar 1.0.0 to 1999.0.0
and because you ask for lab/amber and lab/cedar =0.0.0, there is no solution

"#]],
    );
}
