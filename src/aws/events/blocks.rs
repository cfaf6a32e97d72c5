//! What a target needs to know of what it is: one block for each kind of it, ECS aside.

use std::collections::BTreeMap;

use aws_sdk_eventbridge::types::{
    self as api, AppSyncParameters, BatchArrayProperties, BatchParameters, BatchRetryStrategy, HttpParameters,
    KinesisParameters, RedshiftDataParameters, SageMakerPipelineParameter, SageMakerPipelineParameters, SqsParameters,
};
use serde::{Deserialize, Serialize};

use crate::given;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AppSync {
    graphql_operation: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Batch {
    array_size: i32,
    job_attempts: i32,
    job_definition: String,
    job_name: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DeadLetters {
    arn: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Http {
    header_parameters: BTreeMap<String, String>,
    path_parameter_values: Vec<String>,
    query_string_parameters: BTreeMap<String, String>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct InputTransformer {
    input_paths: BTreeMap<String, String>,
    input_template: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Kinesis {
    partition_key_path: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Redshift {
    database: String,
    db_user: String,
    secrets_manager_arn: String,
    sql: String,
    statement_name: String,
    with_event: bool,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RetryPolicy {
    maximum_event_age_in_seconds: Option<i32>,
    maximum_retry_attempts: Option<i32>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RunCommand {
    key: String,
    values: Vec<String>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SageMaker {
    pipeline_parameter_list: Vec<Parameter>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Parameter {
    name: String,
    value: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Sqs {
    message_group_id: String,
}

impl AppSync {
    pub fn request(&self) -> AppSyncParameters {
        AppSyncParameters::builder().set_graph_ql_operation(given::text(&self.graphql_operation)).build()
    }

    pub fn of(live: AppSyncParameters) -> AppSync {
        AppSync { graphql_operation: live.graph_ql_operation.unwrap_or_default() }
    }
}

impl Batch {
    pub fn request(&self) -> BatchParameters {
        let array = given::number(self.array_size).map(|size| BatchArrayProperties::builder().size(size).build());
        let retry =
            given::number(self.job_attempts).map(|attempts| BatchRetryStrategy::builder().attempts(attempts).build());
        BatchParameters::builder()
            .set_array_properties(array)
            .job_definition(&self.job_definition)
            .job_name(&self.job_name)
            .set_retry_strategy(retry)
            .build()
            .expect("definition and name are given")
    }

    pub fn of(live: BatchParameters) -> Batch {
        Batch {
            array_size: live.array_properties.map(|array| array.size).unwrap_or_default(),
            job_attempts: live.retry_strategy.map(|retry| retry.attempts).unwrap_or_default(),
            job_definition: live.job_definition,
            job_name: live.job_name,
        }
    }
}

impl DeadLetters {
    pub fn request(&self) -> api::DeadLetterConfig {
        api::DeadLetterConfig::builder().set_arn(given::text(&self.arn)).build()
    }

    pub fn of(live: api::DeadLetterConfig) -> DeadLetters {
        DeadLetters { arn: live.arn.unwrap_or_default() }
    }
}

impl Http {
    pub fn request(&self) -> HttpParameters {
        let map =
            |pairs: &BTreeMap<String, String>| Some(pairs.clone().into_iter().collect()).filter(|_| !pairs.is_empty());
        HttpParameters::builder()
            .set_header_parameters(map(&self.header_parameters))
            .set_path_parameter_values(given::list(self.path_parameter_values.iter().cloned()))
            .set_query_string_parameters(map(&self.query_string_parameters))
            .build()
    }

    pub fn of(live: HttpParameters) -> Http {
        Http {
            header_parameters: live.header_parameters.unwrap_or_default().into_iter().collect(),
            path_parameter_values: live.path_parameter_values.unwrap_or_default(),
            query_string_parameters: live.query_string_parameters.unwrap_or_default().into_iter().collect(),
        }
    }
}

impl InputTransformer {
    pub fn request(&self) -> api::InputTransformer {
        let paths = Some(self.input_paths.clone().into_iter().collect()).filter(|_| !self.input_paths.is_empty());
        api::InputTransformer::builder()
            .set_input_paths_map(paths)
            .input_template(&self.input_template)
            .build()
            .expect("the template is given")
    }

    pub fn of(live: api::InputTransformer) -> InputTransformer {
        InputTransformer {
            input_paths: live.input_paths_map.unwrap_or_default().into_iter().collect(),
            input_template: live.input_template,
        }
    }
}

impl Kinesis {
    pub fn request(&self) -> KinesisParameters {
        KinesisParameters::builder().partition_key_path(&self.partition_key_path).build().expect("the path is given")
    }

    pub fn of(live: KinesisParameters) -> Kinesis {
        Kinesis { partition_key_path: live.partition_key_path }
    }
}

impl Redshift {
    pub fn request(&self) -> RedshiftDataParameters {
        RedshiftDataParameters::builder()
            .database(&self.database)
            .set_db_user(given::text(&self.db_user))
            .set_secret_manager_arn(given::text(&self.secrets_manager_arn))
            .set_sql(given::text(&self.sql))
            .set_statement_name(given::text(&self.statement_name))
            .with_event(self.with_event)
            .build()
            .expect("the database is given")
    }

    pub fn of(live: RedshiftDataParameters) -> Redshift {
        Redshift {
            database: live.database,
            db_user: live.db_user.unwrap_or_default(),
            secrets_manager_arn: live.secret_manager_arn.unwrap_or_default(),
            sql: live.sql.unwrap_or_default(),
            statement_name: live.statement_name.unwrap_or_default(),
            with_event: live.with_event,
        }
    }
}

impl RetryPolicy {
    pub fn request(&self) -> api::RetryPolicy {
        api::RetryPolicy::builder()
            .set_maximum_event_age_in_seconds(self.maximum_event_age_in_seconds.filter(|age| *age != 0))
            .set_maximum_retry_attempts(self.maximum_retry_attempts)
            .build()
    }

    pub fn of(live: api::RetryPolicy) -> RetryPolicy {
        RetryPolicy {
            maximum_event_age_in_seconds: live.maximum_event_age_in_seconds,
            maximum_retry_attempts: live.maximum_retry_attempts,
        }
    }
}

impl RunCommand {
    pub fn request(&self) -> api::RunCommandTarget {
        api::RunCommandTarget::builder()
            .key(&self.key)
            .set_values(Some(self.values.clone()))
            .build()
            .expect("key and values are given")
    }

    pub fn of(live: api::RunCommandTarget) -> RunCommand {
        RunCommand { key: live.key, values: live.values }
    }
}

impl SageMaker {
    pub fn request(&self) -> SageMakerPipelineParameters {
        let parameter = |parameter: &Parameter| {
            SageMakerPipelineParameter::builder()
                .name(&parameter.name)
                .value(&parameter.value)
                .build()
                .expect("name and value are given")
        };
        SageMakerPipelineParameters::builder()
            .set_pipeline_parameter_list(given::list(self.pipeline_parameter_list.iter().map(parameter)))
            .build()
    }

    pub fn of(live: SageMakerPipelineParameters) -> SageMaker {
        let parameter =
            |parameter: SageMakerPipelineParameter| Parameter { name: parameter.name, value: parameter.value };
        SageMaker {
            pipeline_parameter_list: live
                .pipeline_parameter_list
                .unwrap_or_default()
                .into_iter()
                .map(parameter)
                .collect(),
        }
    }
}

impl Sqs {
    pub fn request(&self) -> SqsParameters {
        SqsParameters::builder().set_message_group_id(given::text(&self.message_group_id)).build()
    }

    pub fn of(live: SqsParameters) -> Sqs {
        Sqs { message_group_id: live.message_group_id.unwrap_or_default() }
    }
}
