using System.Xml.Linq;
using Admission.Grains.Cluster;
using Dapper;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace Admission.Security.Login;

/// <summary>Keeps the keys of sessions in <c>admission_session_key</c>. ASP.NET asks seldom (once a day, and when there is a new one), one thread at a time, and knows no asynchronous way.</summary>
internal sealed class PostgresKeyRing(ClusterSettings settings, Func<ClusterDatabase> database) : IXmlRepository
{
    private const string Select = "SELECT xml FROM admission_session_key WHERE service_id = @ServiceId ORDER BY created_at";

    private const string Insert = "INSERT INTO admission_session_key (service_id, name, xml) VALUES (@ServiceId, @Name, @Xml) ON CONFLICT DO NOTHING";

    /// <inheritdoc/>
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var connection = database().Open();
        return [.. connection.Query<string>(Select, new { settings.ServiceId }).Select(XElement.Parse)];
    }

    /// <inheritdoc/>
    public void StoreElement(XElement element, string friendlyName)
    {
        using var connection = database().Open();
        connection.Execute(Insert, new { settings.ServiceId, Name = friendlyName, Xml = element.ToString(SaveOptions.DisableFormatting) });
    }
}
