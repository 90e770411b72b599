using System.Globalization;
using Npgsql;
using NpgsqlTypes;
using Orleans.Fallback.Serialization;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orleans.Fallback.AdoNet;

/// <summary>The states of grains in PostgreSQL, in the table <c>OrleansStorage</c>.</summary>
/// <remarks>
/// Each write names the version that it follows and takes effect only if that is still the stored one, so an older write that comes late, or one
/// that was given up and happens nevertheless, never replaces a newer one. Clearing keeps the row, for the same reason.
/// </remarks>
internal sealed class AdoNetGrainStorage(OrleansDatabase database, string serviceId, MessageSerializer serializer) : IGrainStorage
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var stored = await ReadAsync(StorageKey.Of(grainId, stateName, serviceId));
        grainState.State = stored?.Content is { } content ? (T)serializer.Deserialize(typeof(T), content)! : Activator.CreateInstance<T>();
        grainState.ETag = Print(stored?.Version)!;
        grainState.RecordExists = stored?.Content is not null;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var content = serializer.Serialize(typeof(T), grainState.State);
        await ChangeAsync(
            "WriteToStorageKey", "write", stateName, grainId, grainState, parameters => parameters.AddWithValue("PayloadBinary", content));
        grainState.RecordExists = true;
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (grainState.ETag is null && await ReadAsync(StorageKey.Of(grainId, stateName, serviceId)) is { } stored)
        {
            throw Conflict("clear", stateName, grainId, stored.Version, null);
        }

        if (grainState.ETag is not null)
        {
            await ChangeAsync("ClearStorageKey", "clear", stateName, grainId, grainState, _ => { });
        }

        grainState.State = Activator.CreateInstance<T>();
        grainState.RecordExists = false;
    }

    private static string? Print(int? version) => version?.ToString(CultureInfo.InvariantCulture);

    private static InconsistentStateException Conflict(string doing, string stateName, GrainId grainId, int? stored, string? current) => new(
        $"The {doing} of the state '{stateName}' of {grainId} follows version {current ?? "none"}, and storage has {Print(stored) ?? "none"}.",
        Print(stored), current);

    private async Task ChangeAsync<T>(
        string statement, string doing, string stateName, GrainId grainId, IGrainState<T> grainState, Action<NpgsqlParameterCollection> bind)
    {
        var key = StorageKey.Of(grainId, stateName, serviceId);
        int? known = grainState.ETag is { } etag ? int.Parse(etag, CultureInfo.InvariantCulture) : null;
        var versions = await database.ReadAsync(
            statement,
            parameters =>
            {
                key.Bind(parameters);
                _ = parameters.AddWithValue("GrainStateVersion", NpgsqlDbType.Integer, (object?)known ?? DBNull.Value);
                bind(parameters);
            },
            static row => row.IsDBNull(0) ? (int?)null : row.GetInt32(0),
            CancellationToken.None);

        // The statement returns the version that it was given when storage has another.
        if (versions is not [{ } version] || version == known)
        {
            throw Conflict(doing, stateName, grainId, (await ReadAsync(key))?.Version, grainState.ETag);
        }

        grainState.ETag = Print(version)!;
    }

    private async Task<Stored?> ReadAsync(StorageKey key) =>
        (await database.ReadAsync(
            "ReadFromStorageKey",
            key.Bind,
            static row =>
            {
                var content = row.GetOrdinal("PayloadBinary");
                return new Stored(row.IsDBNull(content) ? null : row.GetFieldValue<byte[]>(content), row.GetInt32(row.GetOrdinal("Version")));
            },
            CancellationToken.None)).SingleOrDefault();

    private sealed record Stored(byte[]? Content, int Version);
}
