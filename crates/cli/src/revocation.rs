//! Ending devices and tokens: which, whether that is meant, and what became of each.

use crate::agents::one_by_one;
use crate::choice::{self, Listed};
use crate::command::access::RevokeArgs;
use crate::confirmation::Confirmation;
use crate::context::Context;
use crate::exit::Refusal;
use crate::output::revocation::{self as say, Revocation};
use crate::output::{self, Report, quoted};

/// Ends those that are meant among `all`. `warning` tells what that means for whoever uses them.
pub(crate) fn run<T: Listed>(
    args: &RevokeArgs,
    warning: &str,
    all: impl FnOnce() -> Result<Vec<T>, Refusal>,
    end: impl Fn(&str) -> Result<(), Refusal>,
    context: &mut Context<'_>,
) -> Result<Report, Refusal> {
    let whether = "whether they are to be revoked";
    let confirmation = Confirmation::possible(args.yes, context, whether)?;
    let all = all()?;
    let chosen = choice::several(&all, &args.which)?;
    let whom = match chosen.as_slice() {
        [one] => format!("{} {}", T::NOUN, quoted(one.name())),
        several => {
            let names: Vec<String> = several.iter().map(|one| quoted(one.name())).collect();
            format!("{} {}s ({})", several.len(), T::NOUN, names.join(", "))
        }
    };
    if !confirmation.given(&format!("Revoke {whom}? {warning}"), context)? {
        return Ok(output::declined());
    }
    let results = one_by_one(&chosen, |one| end(one.id()))?;
    let outcome = |(one, result): (&&T, Result<(), _>)| Revocation {
        id: one.id().to_owned(),
        name: one.name().to_owned(),
        error: result.err(),
    };
    let outcomes: Vec<Revocation> = chosen.iter().zip(results).map(outcome).collect();
    Ok(say::outcomes(T::NOUN, outcomes))
}
