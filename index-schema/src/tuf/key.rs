//! Public keys of roles (section 4.2.2).

use serde::Serialize;
use serde::ser::{SerializeStruct as _, Serializer};

use crate::digest::Sha256Digest;
use crate::json::{self, Fields, FromJson, Node, Reading};

/// The id of a key: the SHA-256 of its canonical JSON.
pub type KeyId = Sha256Digest;

/// A public key; of a kind that nobody here knows, it can still be listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The kind of key, such as `ed25519`.
    pub keytype: String,
    /// How it signs, such as `rsassa-pss-sha256`.
    pub scheme: String,
    /// The key: hexadecimal digits for Ed25519, PEM for the others.
    pub public: String,
    id: KeyId,
}

impl Key {
    /// Makes an Ed25519 key from its 32 bytes.
    pub fn ed25519(public: &[u8]) -> Self {
        let public: String = public.iter().map(|byte| format!("{byte:02x}")).collect();
        let canonical = format!(
            "{{\"keytype\":\"ed25519\",\"keyval\":{{\"public\":\"{public}\"}},\"scheme\":\"ed25519\"}}"
        );
        let id = Sha256Digest::of(canonical.as_bytes());
        Self { keytype: "ed25519".to_owned(), scheme: "ed25519".to_owned(), public, id }
    }

    /// Returns the id: computed from all of the key's members, known or not.
    pub const fn id(&self) -> KeyId {
        self.id
    }
}

impl FromJson for Key {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        let id = Sha256Digest::of(&json::canonical(node));
        let mut fields = Fields::open(node, reading)?;
        let (keytype, scheme) = (fields.required("keytype"), fields.required("scheme"));
        let public = fields.required::<KeyValue>("keyval");
        fields.finish();
        Some(Self { keytype: keytype?, scheme: scheme?, public: public?.0, id })
    }
}

/// The member `keyval`; a key of an unknown kind may have something else inside.
struct KeyValue(String);

impl FromJson for KeyValue {
    fn from_json(node: &Node, reading: &mut Reading) -> Option<Self> {
        let mut fields = Fields::open(node, reading)?;
        let public = fields.default("public");
        fields.finish();
        public.map(Self)
    }
}

#[derive(Serialize)]
struct WrittenValue<'k> {
    public: &'k str,
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut key = serializer.serialize_struct("Key", 3)?;
        key.serialize_field("keytype", &self.keytype)?;
        key.serialize_field("keyval", &WrittenValue { public: &self.public })?;
        key.serialize_field("scheme", &self.scheme)?;
        key.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Unknown;

    #[test]
    fn the_id_is_the_one_of_the_specifications_example() {
        // Section 4.3 of the specification lists this key under this id.
        let text = r#"{"keytype": "ed25519", "scheme": "ed25519", "keyval":
            {"public": "72378e5bc588793e58f81c8533da64a2e8f1565c1fcc7f253496394ffc52542c"}}"#;
        let key: Key = json::read(text.as_bytes(), 1000, Unknown::Ignore).unwrap();
        let id = "1bf1c6e3cdd3d3a8420b19199e27511999850f4b376c4547b2f32fba7e80fca3";
        assert_eq!(key.id().to_string(), id);
        let digits = key.public.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
        let bytes: Vec<u8> = digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect();
        assert_eq!(Key::ed25519(&bytes), key);
        let written = serde_json::to_vec(&key).unwrap();
        assert_eq!(json::read::<Key>(&written, 1000, Unknown::Refuse).unwrap(), key);
    }

    #[test]
    fn a_key_of_an_unknown_kind_can_be_listed() {
        let text = r#"{"keytype": "new", "scheme": "new", "keyval": {"identity": "me"}}"#;
        let key: Key = json::read(text.as_bytes(), 1000, Unknown::Ignore).unwrap();
        assert_eq!((key.keytype.as_str(), key.public.as_str()), ("new", ""));
    }
}
