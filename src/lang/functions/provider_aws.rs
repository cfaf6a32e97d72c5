//! The functions that the AWS provider offers: Amazon resource names.

use model::ty::Type;
use model::value::Value;

use crate::functions::arguments::text;
use crate::functions::{Context, Error, Function, Parameter, Shape};

/// The parts of an ARN after `arn`, in order.
const PARTS: [&str; 5] = ["partition", "service", "region", "account_id", "resource"];

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "provider::aws::arn_build",
        &[
            Parameter::string("partition"),
            Parameter::string("service"),
            Parameter::string("region"),
            Parameter::string("account_id"),
            Parameter::string("resource"),
        ],
        Shape::String,
        arn_build,
        "Makes an ARN of its parts.",
    ),
    Function::new(
        "provider::aws::arn_parse",
        &[Parameter::string("arn")],
        Shape::Any,
        arn_parse,
        "Takes an ARN apart.",
    )
    .infer(|_| Ok(Type::object(PARTS.map(|part| (part, Type::String))))),
    Function::new(
        "provider::aws::trim_iam_role_path",
        &[Parameter::string("arn")],
        Shape::String,
        trim_iam_role_path,
        "Removes the path from the ARN of an IAM role.",
    ),
];

/// The parts of an ARN, in the order of [`PARTS`].
fn parts<'a>(context: &Context<'_>, arguments: &'a [Value]) -> Result<[&'a str; 5], Error> {
    let arn = text(arguments, 0);
    let mut parts = arn.splitn(6, ':');
    let mut next = || parts.next();
    match (next(), [next(), next(), next(), next(), next()]) {
        (Some("arn"), [Some(partition), Some(service), Some(region), Some(account), Some(resource)]) => {
            Ok([partition, service, region, account, resource])
        }
        (_, _) => Err(Error::argument(0, format!("{} is not an ARN", context.show(arn)))),
    }
}

fn arn_build(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let parts: Vec<&str> = (0..PARTS.len()).map(|index| text(arguments, index)).collect();
    Ok(Value::string(format!("arn:{}", parts.join(":"))))
}

fn arn_parse(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let parts = parts(context, arguments)?;
    Ok(Value::object(PARTS.into_iter().zip(parts.map(Value::from))))
}

fn trim_iam_role_path(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let [partition, service, region, account, resource] = parts(context, arguments)?;
    let name = resource.strip_prefix("role/").filter(|_| service == "iam" && region.is_empty());
    let Some(name) = name else {
        return Err(Error::argument(0, format!("{} is not the ARN of an IAM role", context.show(text(arguments, 0)))));
    };
    let name = name.rsplit('/').next().unwrap_or(name);
    Ok(Value::string(format!("arn:{partition}:{service}:{region}:{account}:role/{name}")))
}
