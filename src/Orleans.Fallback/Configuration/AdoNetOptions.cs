namespace Orleans.Configuration;

/// <summary>The database that silos find each other by.</summary>
public class AdoNetClusteringSiloOptions
{
    /// <summary>How to connect to it. Required.</summary>
    public string ConnectionString { get; set; } = null!;

    /// <summary>Which ADO.NET provider. Required; the fallback has "Npgsql" only.</summary>
    public string Invariant { get; set; } = null!;
}

/// <summary>The database that clients find silos by.</summary>
public class AdoNetClusteringClientOptions
{
    /// <summary>How to connect to it. Required.</summary>
    public string ConnectionString { get; set; } = null!;

    /// <summary>Which ADO.NET provider. Required; the fallback has "Npgsql" only.</summary>
    public string Invariant { get; set; } = null!;
}

/// <summary>The database that keeps grains' states.</summary>
public class AdoNetGrainStorageOptions
{
    /// <summary>Default of <see cref="Invariant"/>, which the fallback does not have.</summary>
    public const string DEFAULT_ADONET_INVARIANT = "System.Data.SqlClient";

    /// <summary>How to connect to it. Required.</summary>
    public string ConnectionString { get; set; } = null!;

    /// <summary>Which ADO.NET provider; the fallback has "Npgsql" only.</summary>
    public string Invariant { get; set; } = DEFAULT_ADONET_INVARIANT;
}

/// <summary>How clients look for silos.</summary>
public class GatewayOptions
{
    /// <summary>Default of <see cref="GatewayListRefreshPeriod"/>.</summary>
    public static readonly TimeSpan DEFAULT_GATEWAY_LIST_REFRESH_PERIOD = TimeSpan.FromMinutes(1);

    /// <summary>How often to look while nothing happens. Default 1 min; more than zero.</summary>
    public TimeSpan GatewayListRefreshPeriod { get; set; } = DEFAULT_GATEWAY_LIST_REFRESH_PERIOD;
}
