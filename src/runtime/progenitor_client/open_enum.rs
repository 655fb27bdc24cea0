//! Enums that a provider may extend.

/// An enum of known texts and of any other text. The build writes the call of this macro. The document's own
/// texts are hidden from doctests, since they are third-party code to rustdoc.
macro_rules! open_enum {
    ($name:ident $doc:literal $($variant:ident = $text:literal,)*) => {
        #[cfg_attr(not(doctest), doc = $doc)]
        ///
        /// The enum is open: any other text is kept as it is, in `Other`.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(#[cfg_attr(not(doctest), doc = concat!("`", $text, "`"))] $variant,)*
            /// Any other text.
            Other(String),
        }

        impl $name {
            /// The known texts, in the order of the document.
            pub const KNOWN: &'static [&'static str] = &[$($text,)*];

            /// Returns the text that a request or a response has for this value.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Other(text) => text,
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                text.as_str().into()
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <String as ::serde::Deserialize>::deserialize(deserializer).map(Into::into)
            }
        }

        #[cfg(feature = "schemars")]
        impl ::schemars::JsonSchema for $name {
            fn schema_name() -> String {
                stringify!($name).to_owned()
            }

            fn json_schema(
                generator: &mut ::schemars::gen::SchemaGenerator,
            ) -> ::schemars::schema::Schema {
                <String as ::schemars::JsonSchema>::json_schema(generator)
            }
        }
    };
}

pub(crate) use open_enum;
