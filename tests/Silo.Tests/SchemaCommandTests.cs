using Admission.Silo.Hosting;
using Admission.Silo.Schema;
using Npgsql;

namespace Admission.Silo.Tests;

/// <summary>The init step: the schema, and nothing else.</summary>
public sealed class SchemaCommandTests(Postgres postgres) : IClassFixture<Postgres>
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();

    [SkippableFact]
    public async Task Applies_every_file_and_ends_and_may_be_repeated()
    {
        var database = await postgres.CreateAsync();
        (await RunAsync("--apply-schema", "--cluster", database.Settings.ConnectionString)).ShouldBe(0, _errors.ToString());
        (await RunAsync("--cluster", database.Settings.ConnectionString, "--apply-schema")).ShouldBe(0, _errors.ToString());
        _output.ToString().ShouldContain("has the schema of this silo.");
        await using var source = NpgsqlDataSource.Create(database.Settings.ConnectionString);
        await using var command = source.CreateCommand("SELECT count(*) FROM admission_schema");
        (await command.ExecuteScalarAsync()).ShouldBe((long)SchemaScript.All.Count);
    }

    [Fact]
    public async Task Fails_so_that_it_is_started_again_while_the_database_does_not_answer()
    {
        (await RunAsync("--apply-schema", "--cluster", "Host=127.0.0.1;Port=1;Username=u;Database=limits")).ShouldBe(1);
        _errors.ToString().ShouldContain("The schema of the database 'limits' could not be applied:");
    }

    [Fact]
    public async Task Needs_a_database()
    {
        (await RunAsync("--apply-schema")).ShouldBe(2);
        _errors.ToString().ShouldContain("Cluster:ConnectionString: missing. --apply-schema needs the database that it is to set up.");
    }

    private Task<int> RunAsync(params string[] arguments) => SiloHost.RunAsync(arguments, _output, _errors).WaitAsync(TimeSpan.FromSeconds(30));
}
