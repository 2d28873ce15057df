BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0003');
CREATE TABLE conversations (
	id VARCHAR(255) NOT NULL, 
	customer_id VARCHAR(255) NOT NULL, 
	channel VARCHAR(255) NOT NULL, 
	external_id VARCHAR(255) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	language VARCHAR(35), 
	last_number INTEGER NOT NULL, 
	attended_number INTEGER DEFAULT '0' NOT NULL, 
	fence INTEGER NOT NULL, 
	attempts INTEGER NOT NULL, 
	lease_owner VARCHAR(255), 
	due_at DATETIME, 
	waiting_since DATETIME, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, chosen_language VARCHAR(35), settles_at DATETIME, opened TEXT, unreachable_since DATETIME, shared BOOLEAN DEFAULT false NOT NULL, 
	CONSTRAINT pk_conversations PRIMARY KEY (id), 
	CONSTRAINT fk_conversations_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE CASCADE, 
	CONSTRAINT uq_conversations_channel_external_id UNIQUE (channel, external_id)
);
CREATE TABLE counters (
	name VARCHAR(255) NOT NULL, 
	value INTEGER NOT NULL, 
	CONSTRAINT pk_counters PRIMARY KEY (name)
);
CREATE TABLE customers (
	id VARCHAR(255) NOT NULL, 
	created_at DATETIME NOT NULL, informed_at DATETIME, no_recommendations_at DATETIME, 
	CONSTRAINT pk_customers PRIMARY KEY (id)
);
CREATE TABLE deliveries (
	id VARCHAR(255) NOT NULL, 
	conversation_id VARCHAR(255) NOT NULL, 
	message_id VARCHAR(255) NOT NULL, 
	number INTEGER NOT NULL, 
	channel VARCHAR(255) NOT NULL, 
	target VARCHAR(255) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	attempts INTEGER NOT NULL, 
	due_at DATETIME NOT NULL, 
	idempotency_key VARCHAR(255) NOT NULL, 
	platform_id TEXT, 
	last_error TEXT, 
	created_at DATETIME NOT NULL, 
	finished_at DATETIME, origin TEXT, opened TEXT, parts_sent INTEGER DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_deliveries PRIMARY KEY (id), 
	CONSTRAINT fk_deliveries_conversation_id FOREIGN KEY(conversation_id) REFERENCES conversations (id) ON DELETE CASCADE, 
	CONSTRAINT fk_deliveries_message_id FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE CASCADE, 
	CONSTRAINT uq_deliveries_idempotency_key UNIQUE (idempotency_key)
);
CREATE TABLE documents (
	id VARCHAR(255) NOT NULL, 
	name VARCHAR(1024) NOT NULL, 
	source TEXT NOT NULL, 
	digest VARCHAR(255) NOT NULL, 
	passages INTEGER NOT NULL, 
	added_at DATETIME NOT NULL, 
	CONSTRAINT pk_documents PRIMARY KEY (id), 
	CONSTRAINT uq_documents_name UNIQUE (name)
);
CREATE TABLE erasures (
	id VARCHAR(255) NOT NULL, 
	report JSON NOT NULL, 
	signature TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_erasures PRIMARY KEY (id)
);
CREATE TABLE facts (
	id VARCHAR(255) NOT NULL, 
	customer_id VARCHAR(255) NOT NULL, 
	message_id VARCHAR(255), 
	kind VARCHAR(16) NOT NULL, 
	value TEXT NOT NULL, 
	quote TEXT NOT NULL, 
	shared BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	ended_by VARCHAR(16), 
	CONSTRAINT pk_facts PRIMARY KEY (id), 
	CONSTRAINT fk_facts_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE CASCADE, 
	CONSTRAINT fk_facts_message_id FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE CASCADE
);
CREATE TABLE feedback (
	message_id VARCHAR(255) NOT NULL, 
	identity_id VARCHAR(255) NOT NULL, 
	score INTEGER NOT NULL, 
	comment TEXT NOT NULL, 
	rated_at DATETIME NOT NULL, 
	CONSTRAINT pk_feedback PRIMARY KEY (message_id, identity_id), 
	CONSTRAINT fk_feedback_identity_id FOREIGN KEY(identity_id) REFERENCES identities (id) ON DELETE CASCADE, 
	CONSTRAINT fk_feedback_message_id FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE CASCADE
);
CREATE TABLE files (
	id VARCHAR(255) NOT NULL, 
	digest VARCHAR(255) NOT NULL, 
	mime VARCHAR(255) NOT NULL, 
	name TEXT NOT NULL, 
	size BIGINT NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_files PRIMARY KEY (id)
);
CREATE TABLE identities (
	id VARCHAR(255) NOT NULL, 
	customer_id VARCHAR(255) NOT NULL, 
	channel VARCHAR(255) NOT NULL, 
	external_id VARCHAR(255) NOT NULL, 
	name TEXT, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_identities PRIMARY KEY (id), 
	CONSTRAINT fk_identities_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE CASCADE, 
	CONSTRAINT uq_identities_channel_external_id UNIQUE (channel, external_id)
);
CREATE TABLE link_codes (
	digest VARCHAR(255) NOT NULL, 
	customer_id VARCHAR(255) NOT NULL, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT pk_link_codes PRIMARY KEY (digest), 
	CONSTRAINT fk_link_codes_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE CASCADE
);
CREATE TABLE messages (
	id VARCHAR(255) NOT NULL, 
	conversation_id VARCHAR(255) NOT NULL, 
	number INTEGER NOT NULL, 
	role VARCHAR(16) NOT NULL, 
	text TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	identity_id VARCHAR(255), 
	channel VARCHAR(255), 
	external_id VARCHAR(255), 
	handled_at DATETIME, 
	reply_id VARCHAR(255), 
	attachments JSON NOT NULL, 
	citations JSON NOT NULL, 
	quick_replies JSON NOT NULL, 
	route VARCHAR(16), 
	confidence DOUBLE, 
	language VARCHAR(35), origin TEXT, superseded_by VARCHAR(255), 
	CONSTRAINT pk_messages PRIMARY KEY (id), 
	CONSTRAINT fk_messages_conversation_id FOREIGN KEY(conversation_id) REFERENCES conversations (id) ON DELETE CASCADE, 
	CONSTRAINT fk_messages_identity_id FOREIGN KEY(identity_id) REFERENCES identities (id) ON DELETE SET NULL, 
	CONSTRAINT uq_messages_channel_external_id UNIQUE (channel, external_id), 
	CONSTRAINT uq_messages_conversation_id_number UNIQUE (conversation_id, number)
);
CREATE TABLE operators (
	id VARCHAR(255) NOT NULL, 
	name VARCHAR(255) NOT NULL, 
	password_hash VARCHAR(255) NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_operators PRIMARY KEY (id), 
	CONSTRAINT uq_operators_name UNIQUE (name)
);
CREATE TABLE parts (
	delivery_id VARCHAR(255) NOT NULL, 
	position INTEGER NOT NULL, 
	conversation_id VARCHAR(255) NOT NULL, 
	platform_id VARCHAR(255) NOT NULL, 
	CONSTRAINT pk_parts PRIMARY KEY (delivery_id, position), 
	CONSTRAINT fk_parts_conversation_id FOREIGN KEY(conversation_id) REFERENCES conversations (id) ON DELETE CASCADE, 
	CONSTRAINT fk_parts_delivery_id FOREIGN KEY(delivery_id) REFERENCES deliveries (id) ON DELETE CASCADE
);
CREATE TABLE passage_vectors (
	passage_id VARCHAR(255) NOT NULL, 
	embedder VARCHAR(255) NOT NULL, 
	vector BLOB NOT NULL, 
	CONSTRAINT pk_passage_vectors PRIMARY KEY (passage_id, embedder), 
	CONSTRAINT fk_passage_vectors_passage_id FOREIGN KEY(passage_id) REFERENCES passages (id) ON DELETE CASCADE
);
CREATE TABLE passages (
	id VARCHAR(255) NOT NULL, 
	document_id VARCHAR(255) NOT NULL, 
	position INTEGER NOT NULL, 
	title TEXT NOT NULL, 
	text TEXT NOT NULL, 
	source TEXT NOT NULL, 
	heading JSON NOT NULL, 
	language VARCHAR(35) NOT NULL, 
	CONSTRAINT pk_passages PRIMARY KEY (id), 
	CONSTRAINT fk_passages_document_id FOREIGN KEY(document_id) REFERENCES documents (id) ON DELETE CASCADE, 
	CONSTRAINT uq_passages_document_id_position UNIQUE (document_id, position)
);
CREATE TABLE pictures (
	id VARCHAR(255) NOT NULL, 
	digest VARCHAR(255) NOT NULL, 
	customer_id VARCHAR(255), 
	message_id VARCHAR(255), 
	url VARCHAR(255) NOT NULL, 
	model VARCHAR(255) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	seed BIGINT NOT NULL, 
	tags JSON NOT NULL, 
	sources JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_pictures PRIMARY KEY (id), 
	CONSTRAINT fk_pictures_customer_id FOREIGN KEY(customer_id) REFERENCES customers (id) ON DELETE SET NULL, 
	CONSTRAINT fk_pictures_message_id FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE SET NULL
);
CREATE TABLE summaries (
	conversation_id VARCHAR(255) NOT NULL, 
	number INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_summaries PRIMARY KEY (conversation_id, number), 
	CONSTRAINT fk_summaries_conversation_id FOREIGN KEY(conversation_id) REFERENCES conversations (id) ON DELETE CASCADE
);
CREATE TABLE traces (
	id VARCHAR(255) NOT NULL, 
	message_id VARCHAR(255) NOT NULL, 
	content JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_traces PRIMARY KEY (id), 
	CONSTRAINT fk_traces_message_id FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE CASCADE, 
	CONSTRAINT uq_traces_message_id UNIQUE (message_id)
);
CREATE TABLE withheld (
	id VARCHAR(255) NOT NULL, 
	conversation_id VARCHAR(255) NOT NULL, 
	message_id VARCHAR(255), 
	direction VARCHAR(3) NOT NULL, 
	text TEXT NOT NULL, 
	label VARCHAR(32) NOT NULL, 
	score DOUBLE NOT NULL, 
	created_at DATETIME NOT NULL, 
	reviewed_at DATETIME, 
	CONSTRAINT pk_withheld PRIMARY KEY (id), 
	CONSTRAINT fk_withheld_conversation_id FOREIGN KEY(conversation_id) REFERENCES conversations (id) ON DELETE CASCADE, 
	CONSTRAINT fk_withheld_message_id FOREIGN KEY(message_id) REFERENCES messages (id) ON DELETE CASCADE
);
CREATE INDEX ix_conversations_customer_id ON conversations (customer_id);
CREATE INDEX ix_conversations_desk ON conversations (state, updated_at) WHERE state = 'waiting' OR state = 'human';
CREATE INDEX ix_conversations_due ON conversations (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX ix_conversations_updated_at ON conversations (updated_at);
CREATE INDEX ix_identities_customer_id ON identities (customer_id);
CREATE INDEX ix_messages_reply_id ON messages (reply_id);
CREATE INDEX ix_messages_unhandled ON messages (conversation_id, number) WHERE handled_at IS NULL;
CREATE INDEX ix_passage_vectors_embedder ON passage_vectors (embedder);
CREATE INDEX ix_deliveries_due ON deliveries (channel, due_at) WHERE state = 'due';
CREATE INDEX ix_deliveries_order ON deliveries (conversation_id, number) WHERE state = 'due';
CREATE INDEX ix_deliveries_parked ON deliveries (created_at) WHERE state = 'parked';
CREATE INDEX ix_deliveries_sent_as ON deliveries (conversation_id, platform_id) WHERE platform_id IS NOT NULL;
CREATE INDEX ix_parts_sent_as ON parts (conversation_id, platform_id);
CREATE INDEX ix_deliveries_message_id ON deliveries (message_id);
CREATE INDEX ix_facts_customer_id ON facts (customer_id, created_at);
CREATE INDEX ix_facts_message_id ON facts (message_id);
CREATE INDEX ix_link_codes_customer_id ON link_codes (customer_id);
CREATE INDEX ix_pictures_digest ON pictures (digest);
CREATE INDEX ix_pictures_customer_id ON pictures (customer_id, created_at);
CREATE INDEX ix_pictures_message_id ON pictures (message_id);
CREATE INDEX ix_withheld_conversation_id ON withheld (conversation_id);
CREATE INDEX ix_withheld_message_id ON withheld (message_id);
CREATE INDEX ix_withheld_created_at ON withheld (created_at);
COMMIT;
