using System.Xml.Linq;
using Admission.Grains.Cluster;
using Dapper;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Npgsql;

namespace Admission.Security.Login;

/// <summary>Keeps the keys of sessions in <c>admission_session_key</c>. ASP.NET asks seldom (once a day, and when there is a new one), one thread at a time, and knows no asynchronous way.</summary>
/// <remarks>
/// The thread that asks stands still meanwhile, and as long as no key has ever been read each request with a session asks. So its connections are its own and give up early: a database that hangs holds such a thread
/// for some six seconds (the statement's time-out, and twice the connection's for Npgsql's cancelling), not for a minute.
/// </remarks>
internal sealed class PostgresKeyRing(ClusterSettings settings) : IXmlRepository
{
    private const int LongestSeconds = 2;

    private const string Select = "SELECT xml FROM admission_session_key WHERE service_id = @ServiceId ORDER BY created_at";

    private const string Insert = "INSERT INTO admission_session_key (service_id, name, xml) VALUES (@ServiceId, @Name, @Xml) ON CONFLICT DO NOTHING";

    /// <inheritdoc/>
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var connection = Open();
        return [.. connection.Query<string>(Select, new { settings.ServiceId }).Select(XElement.Parse)];
    }

    /// <inheritdoc/>
    public void StoreElement(XElement element, string friendlyName)
    {
        using var connection = Open();
        connection.Execute(Insert, new { settings.ServiceId, Name = friendlyName, Xml = element.ToString(SaveOptions.DisableFormatting) });
    }

    private NpgsqlConnection Open()
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(settings.ConnectionString)
        {
            ApplicationName = "Admission sessions", Timeout = LongestSeconds, CommandTimeout = LongestSeconds, CancellationTimeout = -1, MaxPoolSize = 2, MinPoolSize = 0,
        }.ConnectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
