//! The three ways to make a table: new, from a point in time of another one, and from a bucket.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, CsvOptions, InputCompressionType, InputFormat, InputFormatOptions,
    S3BucketSource, ScalarAttributeType, SseSpecification, SseType, StreamSpecification, StreamViewType, TableClass,
    TableCreationParameters, TableDescription,
};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use model::path::Path;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::Creation;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::dynamodb::given;
use crate::dynamodb::table::index::{Global, Local, key_schema, provisioned};
use crate::dynamodb::table::{Attribute, Encryption, OnDemand, Table, Timed, change, replica, settings, without};
use crate::failure::{Operation, advise_where_taken};

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Import {
    input_compression_type: String,
    input_format: String,
    input_format_options: Vec<FormatOptions>,
    s3_bucket_source: Vec<Source>,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct FormatOptions {
    csv: Vec<Csv>,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct Csv {
    delimiter: String,
    header_list: Vec<String>,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct Source {
    bucket: String,
    bucket_owner: String,
    key_prefix: String,
}

/// Makes the table, waits until it takes calls, and asks for what its call did not take.
pub async fn create(aws: &Aws, want: &Table, creation: &Creation<'_, Table>) -> Result<Table, ProviderError> {
    let patience = want.patience(Timed::Create);
    let arn = change::in_turn(patience, || make(aws, want, creation.token)).await.map_err(advise_where_taken)?;
    let table = Table { id: want.name.clone(), arn, ..want.clone() };
    let _durable = creation.born(&table).await;
    let live = change::until_active(aws, &table.id, patience).await?;
    let made = table.as_made(&live);
    change::table(aws, &made, &table, patience).await?;
    settings::update(aws, &made, &table, Timed::Create).await?;
    replica::update(aws, &made, &table, patience).await?;
    Ok(table)
}

/// Makes the table in the way that its arguments say; gives its ARN.
async fn make(aws: &Aws, want: &Table, token: &Token) -> Result<String, ProviderError> {
    let arn = |table: Option<TableDescription>| table.and_then(|table| table.table_arn);
    if let Some(import) = want.import_table.first() {
        let call = aws
            .dynamodb()
            .import_table()
            .client_token(token.id.as_ref())
            .input_format(InputFormat::from(import.input_format.as_str()))
            .set_input_compression_type(
                given(&import.input_compression_type).map(|kind| InputCompressionType::from(kind.as_str())),
            )
            .set_input_format_options(import.options())
            .set_s3_bucket_source(import.s3_bucket_source.first().map(Source::request))
            .table_creation_parameters(want.parameters());
        let answer = call.send().await.operation("dynamodb:ImportTable")?;
        let description = answer.import_table_description;
        return description
            .and_then(|import| import.table_arn)
            .ok_or_else(|| without("dynamodb:ImportTable", "the table"));
    }
    if want.is_restored() {
        let call = aws
            .dynamodb()
            .restore_table_to_point_in_time()
            .target_table_name(&want.name)
            .set_billing_mode_override(given(&want.billing_mode).map(|mode| BillingMode::from(mode.as_str())))
            .set_global_secondary_index_override(want.globals())
            .set_local_secondary_index_override(want.locals())
            .set_on_demand_throughput_override(want.on_demand_throughput.first().map(OnDemand::request))
            .set_provisioned_throughput_override(want.throughput())
            .set_restore_date_time(restore_time(want)?)
            .set_source_table_arn(want.restore_source_table_arn.clone())
            .set_source_table_name(want.restore_source_name.clone())
            .set_sse_specification_override(want.sse())
            .set_use_latest_restorable_time(want.restore_to_latest_time);
        let answer = call.send().await.operation("dynamodb:RestoreTableToPointInTime")?;
        return arn(answer.table_description).ok_or_else(|| without("dynamodb:RestoreTableToPointInTime", "the table"));
    }
    let call = aws
        .dynamodb()
        .create_table()
        .table_name(&want.name)
        .billing_mode(BillingMode::from(given(&want.billing_mode).as_deref().unwrap_or("PROVISIONED")))
        .set_attribute_definitions(Some(want.attribute.iter().map(Attribute::request).collect()))
        .set_deletion_protection_enabled(want.deletion_protection_enabled.then_some(true))
        .set_global_secondary_indexes(want.globals())
        .set_key_schema(Some(want.key_schema()))
        .set_local_secondary_indexes(want.locals())
        .set_on_demand_throughput(want.on_demand_throughput.first().map(OnDemand::request))
        .set_provisioned_throughput(want.throughput())
        .set_sse_specification(want.sse())
        .set_stream_specification(want.stream())
        .set_table_class(given(&want.table_class).map(|class| TableClass::from(class.as_str())))
        .set_tags(settings::tags_request(&want.tags_all));
    let answer = call.send().await.operation("dynamodb:CreateTable")?;
    arn(answer.table_description).ok_or_else(|| without("dynamodb:CreateTable", "the table"))
}

impl Table {
    fn is_restored(&self) -> bool {
        let is_given = |name: &Option<String>| name.as_deref().is_some_and(|name| !name.is_empty());
        is_given(&self.restore_source_name) || is_given(&self.restore_source_table_arn)
    }

    /// What the call that made the table set of what is wanted.
    fn as_made(&self, live: &TableDescription) -> Table {
        let bare = Table {
            point_in_time_recovery: Vec::new(),
            replica: Vec::new(),
            ttl: Vec::new(),
            stream_arn: live.latest_stream_arn.clone().unwrap_or_default(),
            ..self.clone()
        };
        if !self.is_restored() && self.import_table.is_empty() {
            return bare;
        }
        Table {
            deletion_protection_enabled: false,
            stream_enabled: false,
            table_class: if self.table_class.is_empty() { String::new() } else { "STANDARD".into() },
            tags_all: Default::default(),
            ..bare
        }
    }

    pub(super) fn key_schema(&self) -> Vec<aws_sdk_dynamodb::types::KeySchemaElement> {
        key_schema(&self.hash_key, self.range_key.as_deref().unwrap_or_default())
    }

    pub(super) fn throughput(&self) -> Option<aws_sdk_dynamodb::types::ProvisionedThroughput> {
        let has_capacity = self.read_capacity > 0 || self.write_capacity > 0;
        (!self.is_on_demand() && has_capacity).then(|| provisioned(self.read_capacity, self.write_capacity))
    }

    fn globals(&self) -> Option<Vec<aws_sdk_dynamodb::types::GlobalSecondaryIndex>> {
        let indexes: Vec<_> = self.global_secondary_index.iter().map(|index| Global::request(index, self)).collect();
        (!indexes.is_empty()).then_some(indexes)
    }

    fn locals(&self) -> Option<Vec<aws_sdk_dynamodb::types::LocalSecondaryIndex>> {
        let indexes: Vec<_> = self.local_secondary_index.iter().map(|index| Local::request(index, self)).collect();
        (!indexes.is_empty()).then_some(indexes)
    }

    fn sse(&self) -> Option<SseSpecification> {
        self.server_side_encryption.first().filter(|sse| sse.enabled).map(Encryption::request)
    }

    pub(super) fn stream(&self) -> Option<StreamSpecification> {
        self.stream_enabled.then(|| {
            let kind = given(&self.stream_view_type).map(|kind| StreamViewType::from(kind.as_str()));
            let stream = StreamSpecification::builder().stream_enabled(true).set_stream_view_type(kind);
            stream.build().expect("whether it is enabled is given")
        })
    }

    fn parameters(&self) -> TableCreationParameters {
        TableCreationParameters::builder()
            .table_name(&self.name)
            .billing_mode(BillingMode::from(given(&self.billing_mode).as_deref().unwrap_or("PROVISIONED")))
            .set_attribute_definitions(Some(self.attribute.iter().map(Attribute::request).collect()))
            .set_global_secondary_indexes(self.globals())
            .set_key_schema(Some(self.key_schema()))
            .set_on_demand_throughput(self.on_demand_throughput.first().map(OnDemand::request))
            .set_provisioned_throughput(self.throughput())
            .set_sse_specification(self.sse())
            .build()
            .expect("name, keys and attributes are given")
    }
}

impl Attribute {
    pub(super) fn request(&self) -> AttributeDefinition {
        let definition = AttributeDefinition::builder().attribute_name(&self.name);
        let definition = definition.attribute_type(ScalarAttributeType::from(self.r#type.as_str()));
        definition.build().expect("name and type are given")
    }
}

impl Encryption {
    /// Without a key of one's own, that of AWS for DynamoDB; when off, the one that DynamoDB owns.
    pub(super) fn request(&self) -> SseSpecification {
        let key = given(&self.kms_key_arn).filter(|_| self.enabled);
        SseSpecification::builder()
            .enabled(self.enabled)
            .set_sse_type(self.enabled.then_some(SseType::Kms))
            .set_kms_master_key_id(key)
            .build()
    }
}

impl Import {
    fn options(&self) -> Option<InputFormatOptions> {
        let csv = self.input_format_options.first()?.csv.first()?;
        let csv = CsvOptions::builder()
            .set_delimiter(given(&csv.delimiter))
            .set_header_list((!csv.header_list.is_empty()).then(|| csv.header_list.clone()))
            .build();
        Some(InputFormatOptions::builder().csv(csv).build())
    }
}

impl Source {
    fn request(&self) -> S3BucketSource {
        S3BucketSource::builder()
            .s3_bucket(&self.bucket)
            .set_s3_bucket_owner(given(&self.bucket_owner))
            .set_s3_key_prefix(given(&self.key_prefix))
            .build()
            .expect("the bucket is given")
    }
}

fn restore_time(want: &Table) -> Result<Option<DateTime>, ProviderError> {
    let Some(time) = want.restore_date_time.as_deref().filter(|time| !time.is_empty()) else { return Ok(None) };
    let parsed = DateTime::from_str(time, Format::DateTimeWithOffset).map_err(|error| {
        let message =
            format!("`restore_date_time` must be a time such as `2024-05-01T12:00:00Z`, not `{time}`: {error}");
        ProviderError::invalid("create aws_dynamodb_table", message).attribute(Path::attribute("restore_date_time"))
    })?;
    Ok(Some(parsed))
}
