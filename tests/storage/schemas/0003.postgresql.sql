CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.conversations (
    id character varying(255) NOT NULL,
    customer_id character varying(255) NOT NULL,
    channel character varying(255) NOT NULL,
    external_id character varying(255) NOT NULL,
    state character varying(16) NOT NULL,
    language character varying(35),
    last_number integer NOT NULL,
    attended_number integer DEFAULT 0 NOT NULL,
    fence integer NOT NULL,
    attempts integer NOT NULL,
    lease_owner character varying(255),
    due_at timestamp with time zone,
    waiting_since timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    chosen_language character varying(35),
    settles_at timestamp with time zone,
    opened text,
    unreachable_since timestamp with time zone,
    shared boolean DEFAULT false NOT NULL
);
CREATE TABLE public.counters (
    name character varying(255) NOT NULL,
    value integer NOT NULL
);
CREATE TABLE public.customers (
    id character varying(255) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    informed_at timestamp with time zone,
    no_recommendations_at timestamp with time zone
);
CREATE TABLE public.deliveries (
    id character varying(255) NOT NULL,
    conversation_id character varying(255) NOT NULL,
    message_id character varying(255) NOT NULL,
    number integer NOT NULL,
    channel character varying(255) NOT NULL,
    target character varying(255) NOT NULL,
    state character varying(16) NOT NULL,
    attempts integer NOT NULL,
    due_at timestamp with time zone NOT NULL,
    idempotency_key character varying(255) NOT NULL,
    platform_id text,
    last_error text,
    created_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    origin text,
    opened text,
    parts_sent integer DEFAULT 0 NOT NULL
);
CREATE TABLE public.documents (
    id character varying(255) NOT NULL,
    name character varying(1024) NOT NULL,
    source text NOT NULL,
    digest character varying(255) NOT NULL,
    passages integer NOT NULL,
    added_at timestamp with time zone NOT NULL
);
CREATE TABLE public.erasures (
    id character varying(255) NOT NULL,
    report json NOT NULL,
    signature text NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.facts (
    id character varying(255) NOT NULL,
    customer_id character varying(255) NOT NULL,
    message_id character varying(255),
    kind character varying(16) NOT NULL,
    value text NOT NULL,
    quote text NOT NULL,
    shared boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    ended_by character varying(16)
);
CREATE TABLE public.feedback (
    message_id character varying(255) NOT NULL,
    identity_id character varying(255) NOT NULL,
    score integer NOT NULL,
    comment text NOT NULL,
    rated_at timestamp with time zone NOT NULL
);
CREATE TABLE public.files (
    id character varying(255) NOT NULL,
    digest character varying(255) NOT NULL,
    mime character varying(255) NOT NULL,
    name text NOT NULL,
    size bigint NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.identities (
    id character varying(255) NOT NULL,
    customer_id character varying(255) NOT NULL,
    channel character varying(255) NOT NULL,
    external_id character varying(255) NOT NULL,
    name text,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.link_codes (
    digest character varying(255) NOT NULL,
    customer_id character varying(255) NOT NULL,
    expires_at timestamp with time zone NOT NULL
);
CREATE TABLE public.messages (
    id character varying(255) NOT NULL,
    conversation_id character varying(255) NOT NULL,
    number integer NOT NULL,
    role character varying(16) NOT NULL,
    text text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    identity_id character varying(255),
    channel character varying(255),
    external_id character varying(255),
    handled_at timestamp with time zone,
    reply_id character varying(255),
    attachments json NOT NULL,
    citations json NOT NULL,
    quick_replies json NOT NULL,
    route character varying(16),
    confidence double precision,
    language character varying(35),
    origin text,
    superseded_by character varying(255)
);
CREATE TABLE public.operators (
    id character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    password_hash character varying(255) NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.parts (
    delivery_id character varying(255) NOT NULL,
    "position" integer NOT NULL,
    conversation_id character varying(255) NOT NULL,
    platform_id character varying(255) NOT NULL
);
CREATE TABLE public.passage_vectors (
    passage_id character varying(255) NOT NULL,
    embedder character varying(255) NOT NULL,
    vector bytea NOT NULL
);
CREATE TABLE public.passages (
    id character varying(255) NOT NULL,
    document_id character varying(255) NOT NULL,
    "position" integer NOT NULL,
    title text NOT NULL,
    text text NOT NULL,
    source text NOT NULL,
    heading json NOT NULL,
    language character varying(35) NOT NULL
);
CREATE TABLE public.pictures (
    id character varying(255) NOT NULL,
    digest character varying(255) NOT NULL,
    customer_id character varying(255),
    message_id character varying(255),
    url character varying(255) NOT NULL,
    model character varying(255) NOT NULL,
    kind character varying(16) NOT NULL,
    seed bigint NOT NULL,
    tags json NOT NULL,
    sources json NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.summaries (
    conversation_id character varying(255) NOT NULL,
    number integer NOT NULL,
    text text NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.traces (
    id character varying(255) NOT NULL,
    message_id character varying(255) NOT NULL,
    content json NOT NULL,
    created_at timestamp with time zone NOT NULL
);
CREATE TABLE public.withheld (
    id character varying(255) NOT NULL,
    conversation_id character varying(255) NOT NULL,
    message_id character varying(255),
    direction character varying(3) NOT NULL,
    text text NOT NULL,
    label character varying(32) NOT NULL,
    score double precision NOT NULL,
    created_at timestamp with time zone NOT NULL,
    reviewed_at timestamp with time zone
);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT pk_conversations PRIMARY KEY (id);
ALTER TABLE ONLY public.counters
    ADD CONSTRAINT pk_counters PRIMARY KEY (name);
ALTER TABLE ONLY public.customers
    ADD CONSTRAINT pk_customers PRIMARY KEY (id);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT pk_deliveries PRIMARY KEY (id);
ALTER TABLE ONLY public.documents
    ADD CONSTRAINT pk_documents PRIMARY KEY (id);
ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT pk_erasures PRIMARY KEY (id);
ALTER TABLE ONLY public.facts
    ADD CONSTRAINT pk_facts PRIMARY KEY (id);
ALTER TABLE ONLY public.feedback
    ADD CONSTRAINT pk_feedback PRIMARY KEY (message_id, identity_id);
ALTER TABLE ONLY public.files
    ADD CONSTRAINT pk_files PRIMARY KEY (id);
ALTER TABLE ONLY public.identities
    ADD CONSTRAINT pk_identities PRIMARY KEY (id);
ALTER TABLE ONLY public.link_codes
    ADD CONSTRAINT pk_link_codes PRIMARY KEY (digest);
ALTER TABLE ONLY public.messages
    ADD CONSTRAINT pk_messages PRIMARY KEY (id);
ALTER TABLE ONLY public.operators
    ADD CONSTRAINT pk_operators PRIMARY KEY (id);
ALTER TABLE ONLY public.parts
    ADD CONSTRAINT pk_parts PRIMARY KEY (delivery_id, "position");
ALTER TABLE ONLY public.passage_vectors
    ADD CONSTRAINT pk_passage_vectors PRIMARY KEY (passage_id, embedder);
ALTER TABLE ONLY public.passages
    ADD CONSTRAINT pk_passages PRIMARY KEY (id);
ALTER TABLE ONLY public.pictures
    ADD CONSTRAINT pk_pictures PRIMARY KEY (id);
ALTER TABLE ONLY public.summaries
    ADD CONSTRAINT pk_summaries PRIMARY KEY (conversation_id, number);
ALTER TABLE ONLY public.traces
    ADD CONSTRAINT pk_traces PRIMARY KEY (id);
ALTER TABLE ONLY public.withheld
    ADD CONSTRAINT pk_withheld PRIMARY KEY (id);
ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT uq_conversations_channel_external_id UNIQUE (channel, external_id);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT uq_deliveries_idempotency_key UNIQUE (idempotency_key);
ALTER TABLE ONLY public.documents
    ADD CONSTRAINT uq_documents_name UNIQUE (name);
ALTER TABLE ONLY public.identities
    ADD CONSTRAINT uq_identities_channel_external_id UNIQUE (channel, external_id);
ALTER TABLE ONLY public.messages
    ADD CONSTRAINT uq_messages_channel_external_id UNIQUE (channel, external_id);
ALTER TABLE ONLY public.messages
    ADD CONSTRAINT uq_messages_conversation_id_number UNIQUE (conversation_id, number);
ALTER TABLE ONLY public.operators
    ADD CONSTRAINT uq_operators_name UNIQUE (name);
ALTER TABLE ONLY public.passages
    ADD CONSTRAINT uq_passages_document_id_position UNIQUE (document_id, "position");
ALTER TABLE ONLY public.traces
    ADD CONSTRAINT uq_traces_message_id UNIQUE (message_id);
CREATE INDEX ix_conversations_customer_id ON public.conversations USING btree (customer_id);
CREATE INDEX ix_conversations_desk ON public.conversations USING btree (state, updated_at) WHERE (((state)::text = 'waiting'::text) OR ((state)::text = 'human'::text));
CREATE INDEX ix_conversations_due ON public.conversations USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX ix_conversations_updated_at ON public.conversations USING btree (updated_at);
CREATE INDEX ix_deliveries_due ON public.deliveries USING btree (channel, due_at) WHERE ((state)::text = 'due'::text);
CREATE INDEX ix_deliveries_message_id ON public.deliveries USING btree (message_id);
CREATE INDEX ix_deliveries_order ON public.deliveries USING btree (conversation_id, number) WHERE ((state)::text = 'due'::text);
CREATE INDEX ix_deliveries_parked ON public.deliveries USING btree (created_at) WHERE ((state)::text = 'parked'::text);
CREATE INDEX ix_deliveries_sent_as ON public.deliveries USING btree (conversation_id, platform_id) WHERE (platform_id IS NOT NULL);
CREATE INDEX ix_facts_customer_id ON public.facts USING btree (customer_id, created_at);
CREATE INDEX ix_facts_message_id ON public.facts USING btree (message_id);
CREATE INDEX ix_identities_customer_id ON public.identities USING btree (customer_id);
CREATE INDEX ix_link_codes_customer_id ON public.link_codes USING btree (customer_id);
CREATE INDEX ix_messages_reply_id ON public.messages USING btree (reply_id);
CREATE INDEX ix_messages_unhandled ON public.messages USING btree (conversation_id, number) WHERE (handled_at IS NULL);
CREATE INDEX ix_parts_sent_as ON public.parts USING btree (conversation_id, platform_id);
CREATE INDEX ix_passage_vectors_embedder ON public.passage_vectors USING btree (embedder);
CREATE INDEX ix_pictures_customer_id ON public.pictures USING btree (customer_id, created_at);
CREATE INDEX ix_pictures_digest ON public.pictures USING btree (digest);
CREATE INDEX ix_pictures_message_id ON public.pictures USING btree (message_id);
CREATE INDEX ix_withheld_conversation_id ON public.withheld USING btree (conversation_id);
CREATE INDEX ix_withheld_created_at ON public.withheld USING btree (created_at);
CREATE INDEX ix_withheld_message_id ON public.withheld USING btree (message_id);
ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT fk_conversations_customer_id FOREIGN KEY (customer_id) REFERENCES public.customers(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT fk_deliveries_conversation_id FOREIGN KEY (conversation_id) REFERENCES public.conversations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT fk_deliveries_message_id FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.facts
    ADD CONSTRAINT fk_facts_customer_id FOREIGN KEY (customer_id) REFERENCES public.customers(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.facts
    ADD CONSTRAINT fk_facts_message_id FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.feedback
    ADD CONSTRAINT fk_feedback_identity_id FOREIGN KEY (identity_id) REFERENCES public.identities(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.feedback
    ADD CONSTRAINT fk_feedback_message_id FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.identities
    ADD CONSTRAINT fk_identities_customer_id FOREIGN KEY (customer_id) REFERENCES public.customers(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.link_codes
    ADD CONSTRAINT fk_link_codes_customer_id FOREIGN KEY (customer_id) REFERENCES public.customers(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.messages
    ADD CONSTRAINT fk_messages_conversation_id FOREIGN KEY (conversation_id) REFERENCES public.conversations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.messages
    ADD CONSTRAINT fk_messages_identity_id FOREIGN KEY (identity_id) REFERENCES public.identities(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.parts
    ADD CONSTRAINT fk_parts_conversation_id FOREIGN KEY (conversation_id) REFERENCES public.conversations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.parts
    ADD CONSTRAINT fk_parts_delivery_id FOREIGN KEY (delivery_id) REFERENCES public.deliveries(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.passage_vectors
    ADD CONSTRAINT fk_passage_vectors_passage_id FOREIGN KEY (passage_id) REFERENCES public.passages(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.passages
    ADD CONSTRAINT fk_passages_document_id FOREIGN KEY (document_id) REFERENCES public.documents(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.pictures
    ADD CONSTRAINT fk_pictures_customer_id FOREIGN KEY (customer_id) REFERENCES public.customers(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.pictures
    ADD CONSTRAINT fk_pictures_message_id FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.summaries
    ADD CONSTRAINT fk_summaries_conversation_id FOREIGN KEY (conversation_id) REFERENCES public.conversations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.traces
    ADD CONSTRAINT fk_traces_message_id FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.withheld
    ADD CONSTRAINT fk_withheld_conversation_id FOREIGN KEY (conversation_id) REFERENCES public.conversations(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.withheld
    ADD CONSTRAINT fk_withheld_message_id FOREIGN KEY (message_id) REFERENCES public.messages(id) ON DELETE CASCADE;
INSERT INTO public.alembic_version VALUES ('0003');
