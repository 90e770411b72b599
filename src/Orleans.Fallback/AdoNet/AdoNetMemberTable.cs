using System.Collections.Immutable;
using System.Net;
using Npgsql;
using NpgsqlTypes;
using Orleans.Fallback.Membership;
using Orleans.Runtime;

namespace Orleans.Fallback.AdoNet;

/// <summary>The membership table in PostgreSQL.</summary>
internal sealed class AdoNetMemberTable(OrleansDatabase database, string clusterId) : IMemberTable
{
    public Task InitializeAsync(CancellationToken cancellation) =>
        database.ExecuteAsync("InsertMembershipVersionKey", parameters => parameters.AddWithValue("DeploymentId", clusterId), cancellation);

    public async Task<TableSnapshot> ReadAsync(CancellationToken cancellation)
    {
        var rows = await database.ReadAsync(
            "MembershipReadAllKey", parameters => parameters.AddWithValue("DeploymentId", clusterId), Read, cancellation);
        return rows.Count == 0
            ? new TableSnapshot(-1, [])
            : new TableSnapshot(rows[0].Version, [.. rows.Select(row => row.Row).OfType<MemberRow>()]);
    }

    public Task<bool> InsertAsync(MemberRow row, int version, CancellationToken cancellation) =>
        WriteAsync(
            "InsertMembershipKey",
            parameters =>
            {
                BindKey(parameters, row.Address);
                _ = parameters.AddWithValue("SiloName", row.SiloName);
                _ = parameters.AddWithValue("HostName", row.HostName);
                _ = parameters.AddWithValue("Status", (int)row.Status);
                _ = parameters.AddWithValue("ProxyPort", row.GatewayPort);
                BindTime(parameters, "StartTime", row.StartTime);
                BindTime(parameters, "IAmAliveTime", row.IAmAliveTime);
                _ = parameters.AddWithValue("Version", version);
            },
            cancellation);

    public Task<bool> UpdateAsync(MemberRow row, int version, CancellationToken cancellation) =>
        WriteAsync(
            "UpdateMembershipKey",
            parameters =>
            {
                BindKey(parameters, row.Address);
                _ = parameters.AddWithValue("Status", (int)row.Status);
                _ = parameters.AddWithValue("SuspectTimes", NpgsqlDbType.Text, (object?)Vote.Print(row.Votes) ?? DBNull.Value);
                BindTime(parameters, "IAmAliveTime", row.IAmAliveTime);
                _ = parameters.AddWithValue("Version", version);
            },
            cancellation);

    public Task WriteAliveAsync(SiloAddress silo, DateTime moment, CancellationToken cancellation) =>
        database.ExecuteAsync(
            "UpdateIAmAlivetimeKey",
            parameters =>
            {
                BindKey(parameters, silo);
                BindTime(parameters, "IAmAliveTime", moment);
            },
            cancellation);

    public Task RemoveDeadAsync(DateTime before, CancellationToken cancellation) =>
        database.ExecuteAsync(
            "CleanupDefunctSiloEntriesKey",
            parameters =>
            {
                _ = parameters.AddWithValue("DeploymentId", clusterId);
                BindTime(parameters, "IAmAliveTime", before);
            },
            cancellation);

    private static void BindTime(NpgsqlParameterCollection parameters, string name, DateTime moment) =>
        _ = parameters.AddWithValue(name, NpgsqlDbType.TimestampTz, moment);

    // The version comes also where there is no silo; then the silo's columns are null.
    private static (int Version, MemberRow? Row) Read(NpgsqlDataReader reader)
    {
        var version = reader.GetInt32(reader.GetOrdinal("Version"));
        var start = reader.GetOrdinal("StartTime");
        if (reader.IsDBNull(start))
        {
            return (version, null);
        }

        var address = IPAddress.Parse(reader.GetString(reader.GetOrdinal("Address")));
        var gateway = reader.GetOrdinal("ProxyPort");
        var votes = reader.GetOrdinal("SuspectTimes");
        return (version, new MemberRow(
            SiloAddress.New(new IPEndPoint(address, reader.GetInt32(reader.GetOrdinal("Port"))), reader.GetInt32(reader.GetOrdinal("Generation"))),
            (SiloStatus)reader.GetInt32(reader.GetOrdinal("Status")),
            reader.GetString(reader.GetOrdinal("SiloName")),
            reader.GetString(reader.GetOrdinal("HostName")),
            reader.IsDBNull(gateway) ? 0 : reader.GetInt32(gateway),
            reader.GetDateTime(start),
            reader.GetDateTime(reader.GetOrdinal("IAmAliveTime")),
            Vote.Parse(reader.IsDBNull(votes) ? null : reader.GetString(votes))));
    }

    private async Task<bool> WriteAsync(string key, Action<NpgsqlParameterCollection> bind, CancellationToken cancellation) =>
        (await database.ReadAsync(key, bind, static row => row.GetInt32(0), cancellation)) is [> 0];

    private void BindKey(NpgsqlParameterCollection parameters, SiloAddress silo)
    {
        _ = parameters.AddWithValue("DeploymentId", clusterId);
        _ = parameters.AddWithValue("Address", silo.Endpoint.Address.ToString());
        _ = parameters.AddWithValue("Port", silo.Endpoint.Port);
        _ = parameters.AddWithValue("Generation", silo.Generation);
    }
}
