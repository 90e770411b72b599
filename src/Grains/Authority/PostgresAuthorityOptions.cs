namespace Admission.Grains.Authority;

/// <summary>Whose authority a silo keeps in PostgreSQL.</summary>
public sealed class PostgresAuthorityOptions
{
    /// <summary>The service, as in Orleans' <c>ClusterOptions.ServiceId</c>: two services may share a database. Required.</summary>
    public string ServiceId { get; set; } = "";

    /// <summary>This silo's process, by a name that no other has, such as its address and start; for people who look into the table. Required.</summary>
    public string Silo { get; set; } = "";

    /// <summary>A statement that is not answered within this time has failed. 100 ms to 10 s; default 2 s.</summary>
    public TimeSpan StatementTimeout { get; set; } = TimeSpan.FromSeconds(2);

    internal IEnumerable<string> Mistakes()
    {
        if (ServiceId.Length == 0)
        {
            yield return "PostgresAuthorityOptions.ServiceId is empty; give it the cluster's service id.";
        }

        if (Silo.Length == 0)
        {
            yield return "PostgresAuthorityOptions.Silo is empty; give it a name that no other silo has.";
        }

        if (StatementTimeout < TimeSpan.FromMilliseconds(100) || StatementTimeout > TimeSpan.FromSeconds(10))
        {
            yield return $"PostgresAuthorityOptions.StatementTimeout is {StatementTimeout}; it must be 100 ms to 10 s.";
        }
    }
}
