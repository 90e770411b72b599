-- The statements that Orleans' ADO.NET providers run. They read this table once at start, look statements up by key, and bind parameters by name.
-- What other scripts put here must keep the keys, the parameters' names and the columns of the results: they are Orleans' contract.
CREATE TABLE OrleansQuery
(
    QueryKey  varchar(64)   NOT NULL,
    QueryText varchar(8000) NOT NULL,

    CONSTRAINT OrleansQuery_Key PRIMARY KEY (QueryKey)
);
