//! The values that code gives to client packages where these take keys.

#![expect(clippy::wildcard_enum_match_arm, reason = "few of the kinds of expressions matter here")]

use crate::catalog::KeyKindId;
use crate::checks::check::Check;
use crate::checks::checker::{Shipping, downgrade};
use crate::checks::client_packages::{ClientPackage, PackageSlot};
use crate::checks::env_reads::inlining;
use crate::checks::module::CheckedModule;
use crate::checks::package_callee::{OfPackage, Source, is_same_name, source_of, source_of_tag};
use crate::eval::value::{Field, Taint, TaintOrigin, Value};
use crate::frameworks::Inlining;
use crate::js::guard::Guard;
use crate::js::ir::{Context, Expr, ExprId};
use crate::key_slot::SlotPart;
use crate::leak::{FileSpan, Leak, StepKind, TraceStep};

/// A value that is given to a package where it takes a key.
pub(super) struct GivenKey<'c, 'a> {
    /// The package.
    pub(super) package: &'c ClientPackage<'a>,
    /// Where it takes the key.
    pub(super) slot: &'c PackageSlot<'a>,
    /// The value.
    pub(super) value: Value,
    /// The argument, or the property with its name.
    pub(super) at: FileSpan,
    /// The surroundings of the code that gives it.
    pub(super) context: Context,
    /// The option that allows the package to run in browsers, if it is set.
    pub(super) switch: Option<&'a str>,
}

/// The values that the module gives to client packages where these take keys.
pub(super) fn given_keys<'c, 'a>(module: &CheckedModule<'c, 'a>) -> Vec<GivenKey<'c, 'a>> {
    let mut found = GivenKeys { module: *module, given: Vec::new() };
    if !module.checker.sdk.is_empty() {
        found.by_expressions();
        found.by_assignments();
        found.by_template();
    }
    found.given
}

/// Collects the values.
struct GivenKeys<'c, 'a> {
    module: CheckedModule<'c, 'a>,
    given: Vec<GivenKey<'c, 'a>>,
}

impl<'c, 'a> GivenKeys<'c, 'a> {
    /// Calls and elements.
    fn by_expressions(&mut self) {
        let module = self.module;
        let imported = imported_packages(&module);
        for node in &module.body.nodes {
            let may_give = matches!(node.expr, Expr::Call { .. } | Expr::Element(_));
            if !may_give || !module.is_suspect(node.context) {
                continue;
            }
            let context = module.context(node.context);
            if context.guard == Guard::Function {
                continue;
            }
            match &node.expr {
                Expr::Element(element) => {
                    let Some(tag) = element.tag else { continue };
                    let Source::Package(of) = source_of(&module, tag) else { continue };
                    let name = of.name();
                    let slots = || of.package.slots.iter().filter(|it| it.slot.is_of_element(name));
                    if slots().next().is_some() {
                        let evaluator = module.evaluator;
                        let value = evaluator.attributes(module.id, &element.attributes, None);
                        let at = evaluator.at(module.id, node.span);
                        self.add(of.package, slots(), &[(value, at)], context);
                    }
                }
                Expr::Call { callee, arguments, .. } => match source_of(&module, *callee) {
                    Source::Package(of) => self.call(of.package, of.name(), arguments, context),
                    // Also methods of what a package made: `box.update({ apiConfig })`.
                    Source::Unknown => {
                        if let Expr::Member(_, name) = &module.body.nodes[*callee as usize].expr {
                            for package in &imported {
                                self.call(package, Some(name), arguments, context);
                            }
                        }
                    }
                    Source::Other => {}
                },
                _ => {}
            }
        }
    }

    /// The arguments of a call.
    fn call(
        &mut self,
        package: &'c ClientPackage<'a>,
        name: Option<&str>,
        arguments: &[ExprId],
        context: Context,
    ) {
        let module = self.module;
        let slots = || package.slots.iter().filter(|it| it.slot.is_of_call(name));
        if slots().next().is_none() {
            return;
        }
        let given = arguments.iter().map(|&id| {
            let at = module.evaluator.at(module.id, module.body.nodes[id as usize].span);
            (module.evaluator.value_sent(module.id, id), at)
        });
        let given: Vec<(Value, FileSpan)> = given.collect();
        self.add(package, slots(), &given, context);
    }

    /// `mapboxgl.accessToken = key`.
    fn by_assignments(&mut self) {
        let module = self.module;
        for &(target, value) in &module.body.assignments {
            let Some(node) = module.body.node(target) else { continue };
            if !matches!(node.expr, Expr::Member(..)) || !module.is_suspect(node.context) {
                continue;
            }
            let Source::Package(of) = source_of(&module, target) else { continue };
            let mut slots = of.package.slots.iter().filter(|it| it.slot.is_assigned(&of.names));
            if let Some(slot) = slots.next() {
                let at = module.evaluator.at(module.id, node.span);
                let context = module.context(node.context);
                let (value, package) = (module.value(value), of.package);
                self.given.push(GivenKey { package, slot, value, at, context, switch: None });
            }
        }
    }

    /// Attributes in the template of a component.
    fn by_template(&mut self) {
        let module = self.module;
        for hole in &module.body.holes {
            let Some(attribute) = hole.attribute.as_deref().filter(|_| !hole.tag.is_empty()) else {
                continue;
            };
            let Some(of) = source_of_tag(&module, &hole.tag) else { continue };
            let at = module.evaluator.at(module.id, hole.span);
            let value = module.value(hole.value);
            let context = module.context_of(hole.value);
            self.attribute(&of, attribute, &value, (&at, context));
        }
    }

    fn attribute(
        &mut self,
        of: &OfPackage<'c, 'a>,
        attribute: &str,
        value: &Value,
        (at, context): (&FileSpan, Context),
    ) {
        let name = of.name();
        for slot in of.package.slots.iter().filter(|it| it.slot.is_of_element(name)) {
            for SlotPart { path, .. } in slot.slot.parts() {
                let Some((first, rest)) = path.split_first() else { continue };
                if !is_same_name(first, attribute) {
                    continue;
                }
                let whole = Field { key: attribute.into(), value: value.clone(), at: at.clone() };
                for Field { value, at, .. } in fields_at(whole, rest) {
                    let (package, switch) = (of.package, None);
                    self.given.push(GivenKey { package, slot, value, at, context, switch });
                }
            }
        }
    }

    /// The keys among some arguments.
    fn add(
        &mut self,
        package: &'c ClientPackage<'a>,
        slots: impl Iterator<Item = &'c PackageSlot<'a>>,
        arguments: &[(Value, FileSpan)],
        context: Context,
    ) {
        for slot in slots {
            let switch = slot.switch.filter(|name| is_switched_on(arguments, name));
            for SlotPart { argument, path } in slot.slot.parts() {
                let chosen = match argument {
                    Some(number) => arguments.get(*number..=*number).unwrap_or_default(),
                    None => arguments,
                };
                for (value, at) in chosen {
                    let whole = Field { key: "".into(), value: value.clone(), at: at.clone() };
                    for Field { value, at, .. } in fields_at(whole, path) {
                        self.given.push(GivenKey { package, slot, value, at, context, switch });
                    }
                }
            }
        }
    }
}

impl GivenKey<'_, '_> {
    /// How sure it is that a secret in the value ships.
    pub(super) fn shipping(&self, module: &CheckedModule<'_, '_>, taint: &Taint) -> Shipping {
        if self.slot.is_client_only {
            return Shipping::Yes;
        }
        // In clients, other variables are undefined.
        if let TaintOrigin::Variable { name, root, form, .. } = &taint.origin
            && inlining(module, name, *root, *form) == Inlining::No
        {
            return Shipping::No;
        }
        module.checker.shipping(module.id, self.context)
    }

    /// The leak of a secret in the value, if it ships.
    pub(super) fn leak(
        &self,
        module: &CheckedModule<'_, '_>,
        check: &Check,
        taint: &Taint,
    ) -> Option<Leak> {
        let checker = module.checker;
        let shipping = self.shipping(module, taint);
        if shipping == Shipping::No {
            return None;
        }
        let guard = self.context.guard.max(checker.guard_of(taint));
        let mut leak = self.bare_leak(module, check, taint.key_kind, guard);
        (leak.subject, leak.written_at) = checker.subject(taint);
        leak.trace.extend(checker.flow(taint));
        leak.trace.push(self.sink());
        if let TaintOrigin::Variable { name, .. } = &taint.origin {
            leak.related.extend(checker.declared(name));
        }
        if shipping == Shipping::Maybe {
            downgrade(&mut leak);
        }
        Some(leak)
    }

    /// A leak of the value that still lacks its subject and the last steps of its trace.
    pub(super) fn bare_leak(
        &self,
        module: &CheckedModule<'_, '_>,
        check: &Check,
        key_kind: KeyKindId,
        guard: Guard,
    ) -> Leak {
        let place = module.place(self.context.binding);
        module.checker.leak(check, key_kind, self.at.clone(), place, guard)
    }

    /// The step at which the package gets the value.
    pub(super) fn sink(&self) -> TraceStep {
        let slot = self.slot.slot;
        let note = match self.switch {
            Some(switch) => {
                format!("given to the package as {slot}; {switch} ships it to browsers")
            }
            None => format!("given to the client package as {slot}"),
        };
        TraceStep { at: self.at.clone(), kind: StepKind::Sink, note }
    }
}

/// True if an argument has the option of this name, and it is true.
fn is_switched_on(arguments: &[(Value, FileSpan)], option: &str) -> bool {
    let path: Vec<String> = option.split('.').map(str::to_owned).collect();
    let is_true = |field: &Field| alternatives(&field.value).iter().any(Value::is_true);
    arguments.iter().any(|(value, at)| {
        let whole = Field { key: "".into(), value: value.clone(), at: at.clone() };
        fields_at(whole, &path).iter().any(is_true)
    })
}

/// The client packages that the module imports.
fn imported_packages<'c, 'a>(module: &CheckedModule<'c, 'a>) -> Vec<&'c ClientPackage<'a>> {
    let imports = &module.checker.graph.modules[module.id].module.imports;
    imports.iter().filter_map(|import| module.checker.client_package(&import.specifier)).collect()
}

/// The properties at the end of a path through a value: one for each of the values that it may have.
fn fields_at(whole: Field, path: &[String]) -> Vec<Field> {
    let mut fields = vec![whole];
    for name in path {
        let inner = fields.iter().flat_map(|field| alternatives(&field.value));
        fields = inner.filter_map(|value| value.field(name).cloned()).collect();
    }
    fields
}

/// The values of which a value is any.
fn alternatives(value: &Value) -> &[Value] {
    match value {
        Value::Any(values) => values,
        other => std::slice::from_ref(other),
    }
}
