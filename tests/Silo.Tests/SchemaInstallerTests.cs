using Admission.Grains.Cluster;
using Admission.Security.Login;
using Admission.Silo.Schema;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Admission.Silo.Tests;

public sealed class SchemaInstallerTests(Postgres postgres) : IClassFixture<Postgres>
{
    private static readonly SchemaScript One = new(1, "001_one.sql", "CREATE TABLE one (id integer);\nINSERT INTO one VALUES (1);");
    private static readonly SchemaScript Two = new(2, "002_two.sql", "ALTER TABLE one ADD COLUMN name text; SELECT $text$ @not_a_parameter $text$;");

    [SkippableFact]
    public async Task Applies_each_file_once_in_order()
    {
        var database = await postgres.CreateAsync();
        await InstallAsync(database, One);
        await InstallAsync(database, One, Two);
        await InstallAsync(database, One, Two);
        (await ScalarAsync(database, "SELECT string_agg(name, ' ' ORDER BY version) FROM admission_schema WHERE version < 1000")).ShouldBe("001_one.sql 002_two.sql");
        (await ScalarAsync(database, "SELECT count(*) FROM one")).ShouldBe(1L);
    }

    [SkippableFact]
    public async Task The_product_s_own_files_can_be_applied_twice()
    {
        var database = await postgres.CreateAsync();
        await InstallAsync(database, [.. SchemaScript.All]);
        await InstallAsync(database, [.. SchemaScript.All]);
        (await ScalarAsync(database, "SELECT count(*) FROM admission_schema")).ShouldBe((long)SchemaScript.All.Count);
        SchemaScript.All.Select(script => script.Version).ShouldBe(Enumerable.Range(1, SchemaScript.All.Count), "Numbers without gaps");
    }

    [SkippableFact]
    public async Task Many_silos_can_start_at_once_and_agree_on_one_secret()
    {
        var database = await postgres.CreateAsync();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => InstallAsync(database, [.. SchemaScript.All])));
        var secrets = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => new PostgresSecretStore(database.Settings, database.Connections).ReadAsync(CancellationToken.None)));
        secrets.Distinct(StringComparer.Ordinal).ShouldHaveSingleItem().Length.ShouldBeGreaterThanOrEqualTo(32);
        (await ScalarAsync(database, "SELECT count(*) FROM admission_secret")).ShouldBe(1L);
    }

    [SkippableFact]
    public async Task A_frontend_waits_for_the_secret_until_a_silo_has_made_it()
    {
        var database = await postgres.CreateAsync();
        var store = new PostgresSecretStore(database.Settings, database.Connections);
        (await Should.ThrowAsync<ClusterNotReadyException>(() => store.ReadAsync(CancellationToken.None))).Message.ShouldContain("no silo has set the database");
        await InstallAsync(database, [.. SchemaScript.All]);
        (await store.ReadAsync(CancellationToken.None)).ShouldNotBeEmpty();
        var other = new PostgresSecretStore(database.Settings with { ServiceId = "another" }, database.Connections);
        (await Should.ThrowAsync<ClusterNotReadyException>(() => other.ReadAsync(CancellationToken.None))).Message.ShouldContain("'another'");
    }

    [SkippableFact]
    public async Task A_database_that_is_ahead_is_fine()
    {
        var database = await postgres.CreateAsync();
        await InstallAsync(database, One, Two);
        await InstallAsync(database, One);
    }

    [SkippableFact]
    public async Task A_file_that_was_changed_after_it_was_applied_is_an_error()
    {
        var database = await postgres.CreateAsync();
        await InstallAsync(database, One);
        await InstallAsync(database, One with { Text = One.Text.Replace("\n", "\r\n", StringComparison.Ordinal) });
        var edited = new SchemaScript(1, One.Name, One.Text + " -- more");
        (await Should.ThrowAsync<ClusterStartException>(() => InstallAsync(database, edited, Two))).Message
            .ShouldContain($"has '001_one.sql' in another form than this silo's '001_one.sql'");
        (await ScalarAsync(database, "SELECT count(*) FROM admission_schema WHERE version < 1000")).ShouldBe(1L);
    }

    [SkippableFact]
    public async Task A_file_that_fails_leaves_nothing_behind()
    {
        var database = await postgres.CreateAsync();
        await Should.ThrowAsync<PostgresException>(() => InstallAsync(database, One, new SchemaScript(2, "002_bad.sql", "SELECT 1/0")));
        (await ScalarAsync(database, "SELECT to_regclass('one') IS NULL AND to_regclass('admission_schema') IS NULL")).ShouldBe(true);
    }

    [SkippableFact]
    public async Task Tables_of_somebody_else_are_not_touched()
    {
        var database = await postgres.CreateAsync();
        await ScalarAsync(database, "CREATE TABLE one (other text)");
        (await Should.ThrowAsync<ClusterStartException>(() => InstallAsync(database, One))).Message.ShouldContain("Give Admission a database of its own.");
    }

    [SkippableFact]
    public async Task A_user_without_the_right_is_told_what_to_grant()
    {
        var database = await postgres.CreateAsync();
        await ScalarAsync(database, "DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN");
        var reader = database.As("reader");
        (await Should.ThrowAsync<ClusterStartException>(() => InstallAsync(reader, One))).Message.ShouldContain("GRANT CREATE ON SCHEMA public TO \"reader\"");

        // Where somebody else has prepared the database, it only needs to read and write.
        await InstallAsync(database, [.. SchemaScript.All]);
        await ScalarAsync(database, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO reader");
        await InstallAsync(reader, [.. SchemaScript.All]);
    }

    [SkippableFact]
    public async Task Silos_share_their_session_keys_through_the_database()
    {
        var database = await postgres.CreateAsync();
        await using var one = Silo(database);
        await using var two = Silo(database);

        // Before the tables are there, and at the same time.
        await Task.WhenAll(StartAsync(one), StartAsync(two));
        Should.Throw<InvalidOperationException>(() => one.GetRequiredService<ClusterSessionKeys>().GetAllElements());
        await InstallAsync(database, [.. SchemaScript.All]);
        await UntilKnownAsync(one);
        await UntilKnownAsync(two);

        var secret = one.GetRequiredService<IDataProtectionProvider>().CreateProtector("session").Protect("ann");
        two.GetRequiredService<IDataProtectionProvider>().CreateProtector("session").Unprotect(secret).ShouldBe("ann");
        (await ScalarAsync(database, "SELECT count(*) FROM admission_session_key WHERE service_id = 'admission'")).ShouldBe(1L);

        // A key that ASP.NET makes counts here at once, and is written.
        one.GetRequiredService<IKeyManager>().CreateNewKey(DateTimeOffset.UnixEpoch.AddYears(80), DateTimeOffset.UnixEpoch.AddYears(81));
        one.GetRequiredService<ClusterSessionKeys>().GetAllElements().Count.ShouldBe(2);
        await Until.TrueAsync(
            async () => (long)(await ScalarAsync(database, "SELECT count(*) FROM admission_session_key"))! == 2, TimeSpan.FromSeconds(20), () => "It is not written.");
    }

    [SkippableFact]
    public async Task Silos_have_one_first_session_key_also_where_it_takes_them_more_than_one_try_to_write_it()
    {
        var database = await postgres.CreateAsync();
        await InstallAsync(database, [.. SchemaScript.All]);
        await ScalarAsync(
            database,
            """
            CREATE SEQUENCE tries;
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM nextval('tries'); RAISE EXCEPTION 'not now'; END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON admission_session_key FOR EACH ROW EXECUTE FUNCTION refuse();
            """);
        await using var one = Silo(database);
        await using var two = Silo(database);
        await Task.WhenAll(StartAsync(one), StartAsync(two));

        // Twice each: by itself one would take seven seconds for so many.
        await Until.TrueAsync(async () => (long)(await ScalarAsync(database, "SELECT last_value FROM tries"))! >= 4, TimeSpan.FromSeconds(20), () => "They do not try again.");
        await ScalarAsync(database, "DROP TRIGGER refuse ON admission_session_key");
        await UntilKnownAsync(one);
        await UntilKnownAsync(two);

        (await ScalarAsync(database, "SELECT string_agg(name, ' ') FROM admission_session_key")).ShouldBe("first");
        var secret = one.GetRequiredService<IDataProtectionProvider>().CreateProtector("session").Protect("ann");
        two.GetRequiredService<IDataProtectionProvider>().CreateProtector("session").Unprotect(secret).ShouldBe("ann");
    }

    private static ServiceProvider Silo(Postgres.Database database)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddSingleton(database.Settings);
        services.AddSingleton<ClusterDatabase>().AddSessionKeysInCluster();
        return services.BuildServiceProvider();
    }

    private static Task StartAsync(ServiceProvider silo) => Task.WhenAll(silo.GetServices<IHostedService>().Select(service => service.StartAsync(CancellationToken.None)));

    private static Task UntilKnownAsync(ServiceProvider silo) =>
        Until.TrueAsync(() => silo.GetRequiredService<ClusterSessionKeys>().AreKnown, TimeSpan.FromSeconds(20), () => "The keys are not read.");

    private static async Task InstallAsync(Postgres.Database database, params SchemaScript[] scripts)
    {
        if (scripts.Length < SchemaScript.All.Count)
        {
            // The installer makes the secret up in the end, wherever its table comes from.
            scripts = [.. scripts, new SchemaScript(1000, "1000_secret.sql", SchemaScript.All.Single(script => script.Name.Contains("admission_cluster", StringComparison.Ordinal)).Text)];
        }

        var installer = new SchemaInstaller(
            scripts, database.Connections, new PostgresSecretStore(database.Settings, database.Connections), NullLogger<SchemaInstaller>.Instance);
        await installer.PrepareAsync(CancellationToken.None);
    }

    private static async Task<object?> ScalarAsync(Postgres.Database database, string sql)
    {
        await using var connection = await database.Connections.OpenAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
