-- What members of the cluster know and strangers do not, where none is configured: the first silo makes it up. Whoever may read this table is a member.
CREATE TABLE admission_secret
(
    service_id varchar(150) NOT NULL PRIMARY KEY,
    secret     varchar(200) NOT NULL,
    created_at timestamptz  NOT NULL DEFAULT now()
);
