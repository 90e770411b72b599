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

    [SkippableFact]
    public async Task Waits_as_long_as_it_is_told_for_a_database_that_is_not_there_yet()
    {
        Skip.IfNot(PostgresServer.IsInstalled, "Needs PostgreSQL: apt-get install postgresql, or ./test as root.");
        await using var server = await PostgresServer.StartAsync();
        await server.StopAsync();
        (await RunAsync("--apply-schema=1s", "--cluster", server.ConnectionString())).ShouldBe(1);
        var applied = RunAsync("--apply-schema=30s", "--cluster", server.ConnectionString());
        applied.IsCompleted.ShouldBeFalse();
        await server.ResumeAsync();
        (await applied).ShouldBe(0, _errors.ToString());
    }

    [SkippableFact]
    public async Task Does_not_wait_for_a_database_that_refuses()
    {
        var database = await postgres.CreateAsync();
        var missing = new NpgsqlConnectionStringBuilder(database.Settings.ConnectionString) { Database = "nobody_made_it" };
        (await RunAsync("--apply-schema=10m", "--cluster", missing.ConnectionString)).ShouldBe(1);
        _errors.ToString().ShouldContain("nobody_made_it");
    }

    [Theory]
    [InlineData("--apply-schema=soon")]
    [InlineData("--apply-schema soon")]
    public async Task Says_what_is_wrong_with_the_time_to_wait(string given)
    {
        (await RunAsync([.. given.Split(' '), "--cluster", "Host=127.0.0.1;Port=1;Username=u;Database=limits"])).ShouldBe(2);
        _errors.ToString().ShouldContain("--apply-schema: 'soon' is not possible.");
    }

    [Fact]
    public async Task A_host_that_has_no_address_is_told_in_words()
    {
        (await RunAsync("--apply-schema", "--cluster", "Host=nobody.invalid;Username=u;Database=limits")).ShouldBe(1);
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
