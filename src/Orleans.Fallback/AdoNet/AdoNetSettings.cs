using Npgsql;
using Orleans.Runtime;

namespace Orleans.Fallback.AdoNet;

/// <summary>Checks how options name a database.</summary>
/// <param name="owner">What they are options of, for messages.</param>
/// <param name="invariant">The ADO.NET provider.</param>
/// <param name="connectionString">The database.</param>
internal sealed class AdoNetSettings(string owner, string? invariant, string? connectionString) : IConfigurationValidator
{
    /// <inheritdoc/>
    /// <exception cref="OrleansConfigurationException">They name none, or one that the fallback cannot use.</exception>
    public void ValidateConfiguration() => _ = Check();

    /// <summary>The connection string, if the settings are right.</summary>
    /// <exception cref="OrleansConfigurationException">They are not.</exception>
    public string Check()
    {
        if (!string.Equals(invariant, OrleansDatabase.Invariant, StringComparison.Ordinal))
        {
            throw new OrleansConfigurationException(
                $"{owner}: Invariant is '{invariant}'. The Orleans fallback of this build can use PostgreSQL only: set it to '{OrleansDatabase.Invariant}'.");
        }

        if (string.IsNullOrWhiteSpace(connectionString))
        {
            throw new OrleansConfigurationException($"{owner}: ConnectionString is required.");
        }

        try
        {
            _ = new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (ArgumentException wrong)
        {
            // Without the text, which may hold a password.
            throw new OrleansConfigurationException($"{owner}: ConnectionString is none for {OrleansDatabase.Invariant}: {wrong.Message}", wrong);
        }

        return connectionString;
    }
}
