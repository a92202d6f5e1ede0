//! A build without the feature `verify`.

use crate::support::{AIMAGICX, Dir};

#[test]
fn verification_is_refused() {
    let dir = Dir::new();
    dir.write("a.env", dir.key(AIMAGICX));
    for args in [&["scan", "--verify"][..], &["scan", "--verify-dry-run"], &["verify"]] {
        dir.run(args).expect(2).err("without the feature `verify`");
    }
    dir.run(&["scan"]).expect(1);
}
