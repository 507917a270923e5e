//! The front-end for WebAssembly: a module can do what it imports, and nothing else.
//!
//! So every import is a reference to its module and name, with versions left out: functions of
//! WASI preview 1 one by one, of components those functions of an interface that the component
//! asks for. An import that no rule can know (the host's own) is noted: it is not clean because
//! nobody looked. Modules are validated first, with the features that hosts share; data that is a
//! program in another format is noted. Whether a start function or an export runs first changes
//! nothing: either can do what is imported.

use wasmparser::component_types::ComponentEntityType;
use wasmparser::{
    BinaryReaderError, MemoryType, Parser, Payload, TypeRef, ValidPayload, Validator, WasmFeatures,
};

use super::{Frontend, SourceFile, Unparsable};
use crate::scan::facts::{Builder, Expr, Facts, Note, Span};
use crate::scan::language::{self, Language, wasm};

/// The front-end.
#[derive(Debug)]
pub struct Wasm;

/// Memory that a module may ask for from the start, in bytes.
const MEMORY: u64 = 1 << 30;

impl Frontend for Wasm {
    fn language(&self) -> &'static Language {
        &language::wasm::WASM
    }

    fn lower(&self, file: &SourceFile<'_>) -> Result<Facts, Unparsable> {
        let mut reading = Reading { facts: Builder::new(), depth: 0, is_component: false };
        reading.file(file.bytes).map_err(|error| {
            let at = place(error.offset());
            Unparsable { message: error.message().to_owned(), span: Span::new(at, at) }
        })?;
        Ok(reading.facts.finish())
    }
}

struct Reading {
    facts: Builder,
    /// How many modules and components stand around.
    depth: u32,
    /// Whether the whole file is a component: modules inside import what it gives them.
    is_component: bool,
}

impl Reading {
    fn file(&mut self, bytes: &[u8]) -> Result<(), BinaryReaderError> {
        let features = WasmFeatures::WASM2
            | WasmFeatures::EXTENDED_CONST
            | WasmFeatures::TAIL_CALL
            | WasmFeatures::COMPONENT_MODEL;
        let mut validator = Validator::new_with_features(features);
        let mut component_imports = Vec::new();
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload?;
            let end = matches!(payload, Payload::End(_));
            if let ValidPayload::Func(function, body) = validator.payload(&payload)? {
                function.into_validator(Default::default()).validate(&body)?;
            }
            if end {
                self.depth = self.depth.saturating_sub(1);
            }
            self.payload(payload, &mut component_imports)?;
        }
        if self.is_component {
            self.component(bytes, features, &component_imports)?;
        }
        Ok(())
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "what else there is does nothing by itself")]
    fn payload(
        &mut self,
        payload: Payload<'_>,
        imports: &mut Vec<(String, Span)>,
    ) -> Result<(), BinaryReaderError> {
        match payload {
            Payload::Version { encoding, .. } => {
                let is_component = encoding == wasmparser::Encoding::Component;
                self.is_component |= self.depth == 0 && is_component;
                self.depth += 1;
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports_with_offsets() {
                    let (at, import) = import?;
                    let length = import.module.len() + import.name.len() + 2;
                    let span =
                        Span::new(place(at), place(at).saturating_add(super::offset(length)));
                    if let TypeRef::Memory(memory) = import.ty {
                        self.memory(&memory, span);
                    } else if !self.is_component && is_code(import.ty) {
                        self.import(import.module, import.name, span);
                    }
                }
            }
            Payload::ComponentImportSection(section) if self.depth == 1 => {
                let range = section.range();
                let span = Span::new(place(range.start), place(range.end));
                for import in section {
                    imports.push((import?.name.name.to_owned(), span));
                }
            }
            Payload::MemorySection(section) => {
                let range = section.range();
                for memory in section {
                    self.memory(&memory?, Span::new(place(range.start), place(range.end)));
                }
            }
            Payload::DataSection(section) => {
                for data in section {
                    let data = data?;
                    self.data(data.data, place(data.range.start));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// A component asks for whole interfaces, but says which functions of them it wants.
    fn component(
        &mut self,
        bytes: &[u8],
        features: WasmFeatures,
        imports: &[(String, Span)],
    ) -> Result<(), BinaryReaderError> {
        let types = Validator::new_with_features(features).validate_all(bytes)?;
        let types = types.as_ref();
        for (name, span) in imports {
            match types.component_item_for_import(name).map(|item| item.ty) {
                Some(ComponentEntityType::Instance(id)) => {
                    let is_function =
                        |ty: &ComponentEntityType| matches!(ty, ComponentEntityType::Func(_));
                    let instance = types.get(id);
                    let items = instance.into_iter().flat_map(|instance| &instance.exports);
                    let mut items = items.peekable();
                    if items.peek().is_none() {
                        // Whatever is in it.
                        self.interface(name, *span);
                    }
                    let functions = items.filter(|(_, item)| is_function(&item.ty));
                    for (function, _) in functions {
                        self.import(name, function, *span);
                    }
                }
                Some(ComponentEntityType::Type { .. } | ComponentEntityType::Value(_)) => {}
                Some(
                    ComponentEntityType::Func(_)
                    | ComponentEntityType::Module(_)
                    | ComponentEntityType::Component(_),
                )
                | None => self.import("", name, *span),
            }
        }
        Ok(())
    }

    fn import(&mut self, module: &str, name: &str, span: Span) {
        // Versions of an interface that fit are the same interface.
        let module = module.split_once('@').map_or(module, |(module, _)| module);
        if !wasm::is_known(module, name) {
            let from = if module.is_empty() { String::new() } else { format!(" of `{module}`") };
            let message = format!("no rule knows the import `{name}`{from}: it can do anything");
            self.note("scan/unknown-import", span, message);
        }
        let module = self.facts.constant(module.as_bytes());
        let mut expr = self.facts.expr(Expr::Import(module, 0), Span::new(span.start, span.start));
        let name = name.rsplit_once(']').map_or(name, |(_, name)| name);
        for part in name.split('.') {
            let part = self.facts.name(part);
            expr = self.facts.expr(Expr::Attribute(expr, part), span);
        }
    }

    /// Asks for an interface as a whole.
    fn interface(&mut self, name: &str, span: Span) {
        let module = name.split_once('@').map_or(name, |(module, _)| module);
        let module = self.facts.constant(module.as_bytes());
        self.facts.expr(Expr::Import(module, 0), span);
    }

    fn memory(&mut self, memory: &MemoryType, span: Span) {
        let page = 1_u64 << memory.page_size_log2.unwrap_or(16).min(63);
        if memory.initial.saturating_mul(page) > MEMORY {
            let message = "the module asks for more than 1 GiB of memory from the start";
            self.note("scan/too-large", span, message.to_owned());
        }
    }

    /// Looks for programs in data.
    fn data(&mut self, data: &[u8], start: u32) {
        for (at, rest) in data.iter().enumerate().filter_map(|(at, first)| {
            matches!(first, 0x7f | b'#' | 0 | b'M')
                .then(|| data.get(at..).map(|rest| (at, rest)))?
        }) {
            let Some((code, what)) = program(rest, at == 0) else { continue };
            let at = start.saturating_add(super::offset(at));
            let message = format!("the data of the module is {what}");
            self.note(code, Span::new(at, at.saturating_add(4)), message);
        }
    }

    fn note(&mut self, code: &'static str, span: Span, message: String) {
        self.facts.note(Note { code, span, message });
    }
}

fn is_code(ty: TypeRef) -> bool {
    match ty {
        TypeRef::Func(_) | TypeRef::FuncExact(_) | TypeRef::Table(_) => true,
        TypeRef::Memory(_) | TypeRef::Global(_) | TypeRef::Tag(_) => false,
    }
}

/// Says what program starts here.
fn program(rest: &[u8], is_start: bool) -> Option<(&'static str, &'static str)> {
    // Class, byte order and version as every ELF file has them.
    if let [0x7f, b'E', b'L', b'F', 1 | 2, 1 | 2, 1, ..] = rest {
        return Some(("scan/native-code", "an ELF library or program"));
    }
    if rest.starts_with(b"\0asm\x01\0\0\0") {
        return Some(("scan/byte-code", "another module"));
    }
    if rest.starts_with(b"MZ") && is_start && rest.windows(4).take(1024).any(|w| w == b"PE\0\0") {
        return Some(("scan/native-code", "a Windows library or program"));
    }
    let line = rest.strip_prefix(b"#!/")?;
    let line = line.get(..line.iter().take(128).position(|byte| *byte == b'\n')?)?;
    line.iter().all(u8::is_ascii_graphic).then_some(("scan/script", "a script"))
}

fn place(offset: u64) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
