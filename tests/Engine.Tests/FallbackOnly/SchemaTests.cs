using System.Text.RegularExpressions;
using Npgsql;

namespace Admission.Engine.Tests.FallbackOnly;

/// <summary>What Orleans' ADO.NET providers ask of the database: these keys, with these parameters. (Their assemblies are not in the partial feed.)</summary>
[Collection(PostgresCollection.Name)]
public sealed partial class SchemaTests(PostgresFixture postgres)
{
    private const string Silo = "DeploymentId Address Port Generation";
    private const string State = "GrainIdHash GrainIdN0 GrainIdN1 GrainTypeHash GrainTypeString GrainIdExtensionString ServiceId";

    [SkippableTheory]
    [InlineData("InsertMembershipVersionKey", "DeploymentId")]
    [InlineData("InsertMembershipKey", $"{Silo} SiloName HostName Status ProxyPort StartTime IAmAliveTime Version")]
    [InlineData("UpdateMembershipKey", $"{Silo} Status SuspectTimes IAmAliveTime Version")]
    [InlineData("UpdateIAmAlivetimeKey", $"{Silo} IAmAliveTime")]
    [InlineData("MembershipReadAllKey", "DeploymentId")]
    [InlineData("MembershipReadRowKey", Silo)]
    [InlineData("GatewaysQueryKey", "DeploymentId Status")]
    [InlineData("DeleteMembershipTableEntriesKey", "DeploymentId")]
    [InlineData("CleanupDefunctSiloEntriesKey", "DeploymentId IAmAliveTime")]
    [InlineData("CleanupDefunctSiloEntryKey", $"{Silo} IAmAliveTime StartTime SuspectTimes")]
    [InlineData("ReadFromStorageKey", State)]
    [InlineData("WriteToStorageKey", $"{State} GrainStateVersion PayloadBinary")]
    [InlineData("ClearStorageKey", $"{State} GrainStateVersion")]
    public async Task A_statement_has_the_parameters_that_Orleans_binds(string key, string parameters)
    {
        await using var source = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        await using var command = source.CreateCommand("SELECT QueryText FROM OrleansQuery WHERE QueryKey = $1");
        command.Parameters.Add(new NpgsqlParameter { Value = key });
        var text = (string?)await command.ExecuteScalarAsync();
        Parameter().Matches(text!).Select(match => match.Value[1..]).Distinct(StringComparer.Ordinal)
            .ShouldBe(parameters.Split(' '), ignoreOrder: true);
    }

    [GeneratedRegex("@[A-Za-z0-9]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Parameter();
}
