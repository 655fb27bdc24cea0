//! PandaDoc's whole published document takes the place of the small one without another change, and so does
//! one of our own that is as large.

use std::path::Path;

use crate::document::steps::documents::{Document, DOCUMENTS};
use crate::document::steps::emit::generate::Options;
use crate::document::steps::sources;
use crate::whole;

fn small() -> Document {
    let [pandadoc, ..] = DOCUMENTS;
    pandadoc
}

fn from_file(file: &Path) -> Document {
    Document {
        file: file.to_str().unwrap().to_owned().into(),
        ..small()
    }
}

fn it_generates(file: &Path) {
    let built = sources(&from_file(file), &Options::default());
    assert_eq!(built.err(), None);
}

macro_rules! promises {
    ($($promise:ident)*) => {
        mod our_own {
            $(#[test]
            fn $promise() {
                super::$promise(&super::whole::file(stringify!($promise)));
            })*
        }

        mod published {
            $(#[test]
            fn $promise() {
                if let Some(file) = super::whole::published() {
                    super::$promise(&file);
                }
            })*
        }
    };
}

promises! {
    it_generates
}
