-- The keys with which gateways and silos encrypt sessions in browsers. Whoever may read this table can make a session, as whoever reads admission_secret can become a member.
CREATE TABLE admission_session_key
(
    service_id varchar(150) NOT NULL,
    name       varchar(200) NOT NULL,
    xml        text         NOT NULL,
    created_at timestamptz  NOT NULL DEFAULT now(),
    PRIMARY KEY (service_id, name)
);
