using System.Globalization;
using System.Net;
using Admission.Grains.Cluster;
using Admission.Grains.Configuration;
using Admission.Security.Callers;
using Admission.Security.Configuration;
using Admission.Security.Keys;
using Admission.Security.Tests.Support;
using Microsoft.Extensions.Configuration;

namespace Admission.Security.Tests;

/// <summary>Keys: what is configured of them, how they are replaced, and how nobody guesses them.</summary>
public sealed class KeyTests
{
    private static readonly TestKey Old = new("ci", "operator");
    private static readonly TestKey New = new("ci", "operator");

    [Fact]
    public void A_key_has_256_random_bits_and_only_its_hash_is_configured()
    {
        var keys = Enumerable.Range(0, 1000).Select(_ => ApiKey.Create()).ToHashSet(StringComparer.Ordinal);
        keys.Count.ShouldBe(1000);
        keys.ShouldAllBe(key => key.Length == 47 && key.StartsWith("adm_", StringComparison.Ordinal));
        var one = keys.First();
        ApiKey.ParseHash(ApiKey.HashText(one)).ShouldBe(ApiKey.Hash(one));
        ApiKey.HashText(one).ShouldNotContain(one[4..]);
    }

    [Fact]
    public void A_key_is_found_wherever_it_stands_and_all_are_compared_in_constant_time()
    {
        var texts = Enumerable.Range(0, 20).Select(_ => ApiKey.Create()).ToArray();
        ConfiguredKey[] keys = [.. texts.Select((text, at) => new ConfiguredKey(at.ToString(CultureInfo.InvariantCulture), AccessRole.Viewer, ApiKey.Hash(text), Tenant: null))];
        for (var i = 0; i < texts.Length; i++)
        {
            ConfiguredKey.Find(keys, texts[i]).ShouldBe(keys[i]);
        }

        ConfiguredKey.Find(keys, ApiKey.Create()).ShouldBeNull();
        ConfiguredKey.Find([], texts[0]).ShouldBeNull();

        // A loop that ends at the key that it looks for, or a comparison that ends at the first byte, tells by its time how near a guess is.
        var source = SourceOf("Keys", "ConfiguredKey.cs");
        source.ShouldContain("CryptographicOperations.FixedTimeEquals(hash, key.Hash)");
        foreach (var early in new[] { "break", "SequenceEqual", "FirstOrDefault", "Any(" })
        {
            source.ShouldNotContain(early);
        }
    }

    [Fact]
    public async Task A_new_key_counts_without_a_restart_beside_the_old_one()
    {
        await using var host = await GuardedHost.StartAsync(TestKey.Settings(Old));
        (await host.StatusAsync("/admission/v1/look", key: New.Text)).ShouldBe(401);
        host.Change(TestKey.Settings(Old, New));
        (await host.StatusAsync("/admission/v1/look", key: Old.Text)).ShouldBe(200);
        (await host.StatusAsync("/admission/v1/look", key: New.Text)).ShouldBe(200);
        host.Change(TestKey.Settings(New));
        (await host.StatusAsync("/admission/v1/look", key: Old.Text)).ShouldBe(401);
        (await host.StatusAsync("/admission/v1/look", key: New.Text)).ShouldBe(200);
        host.Log.All.ShouldContain("1 new, 0 removed, 2 in force");
    }

    [Fact]
    public async Task A_wrong_change_leaves_the_keys_as_they_were()
    {
        await using var host = await GuardedHost.StartAsync(TestKey.Settings(Old));
        host.Change(new(TestKey.Settings(New)) { ["Admission:Security:Keys:0:Role"] = "boss" });
        (await host.StatusAsync("/admission/v1/look", key: Old.Text)).ShouldBe(200);
        (await host.StatusAsync("/admission/v1/look", key: New.Text)).ShouldBe(401);
        host.Log.All.ShouldContain("Error 2218");
    }

    [Fact]
    public async Task A_lost_file_lets_nobody_in()
    {
        await using var host = await GuardedHost.StartAsync(TestKey.Settings(Old));
        foreach (var lost in new Dictionary<string, string?>[] { [], TestKey.Settings(new TestKey("prometheus", "metrics")) })
        {
            host.Change(lost);
            (await host.StatusAsync("/admission/v1/look")).ShouldBe(401);
            (await host.StatusAsync("/admission/v1/look", key: Old.Text)).ShouldBe(200);
        }

        host.Log.All.ShouldContain("restart if this is meant");
        host.Log.All.ShouldNotContain("Warning 2216");
        host.Change(new() { ["Admission:Security:TrustLoopback"] = "false" });
        (await host.StatusAsync("/admission/v1/look")).ShouldBe(403);
        (await host.StatusAsync("/admission/v1/look", key: Old.Text)).ShouldBe(401);
    }

    [Fact]
    public async Task Trust_in_this_machine_is_warned_of_also_when_it_comes_later()
    {
        await using var host = await GuardedHost.StartAsync(TestKey.Settings(Old));
        host.Change(new(TestKey.Settings(Old)) { ["Admission:Security:TrustLoopback"] = "true" });
        (await host.StatusAsync("/admission/v1/look")).ShouldBe(200);
        host.Log.All.ShouldContain("Warning 2216");
    }

    [Fact]
    public async Task Too_many_wrong_keys_close_the_address_to_wrong_ones_for_a_while()
    {
        await using var host = await GuardedHost.StartAsync(new(TestKey.Settings(Old)) { ["Admission:Security:Failures:Most"] = "3", ["Admission:Security:Failures:Window"] = "1m" });
        for (var i = 0; i < 3; i++)
        {
            (await host.StatusAsync("/admission/v1/look", key: ApiKey.Create(), from: "192.0.2.7")).ShouldBe(401);
        }

        using var closed = await host.SendAsync("/admission/v1/look", key: ApiKey.Create(), from: "192.0.2.7");
        closed.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        closed.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromMinutes(1));
        using var login = await Browser.SubmitAsync(host, ApiKey.Create(), from: "192.0.2.7");
        login.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        login.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromMinutes(1));
        (await host.StatusAsync("/admission/v1/look", key: ApiKey.Create(), from: "192.0.2.8")).ShouldBe(401);

        // Everybody behind one proxy has its address: who has a key is not to be locked out by who has none.
        (await host.StatusAsync("/admission/v1/look", key: Old.Text, from: "192.0.2.7")).ShouldBe(200);
        using var right = await Browser.SubmitAsync(host, Old.Text, from: "192.0.2.7");
        right.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        host.Log.All.ShouldContain("Warning 2213");
        host.Time.Advance(TimeSpan.FromSeconds(61));
        (await host.StatusAsync("/admission/v1/look", key: ApiKey.Create(), from: "192.0.2.7")).ShouldBe(401);
    }

    [Fact]
    public void Wrong_keys_count_for_a_window_and_right_ones_do_not_reset_it()
    {
        var time = new ManualTime();
        var failures = new FailedAttempts(time);
        var window = TimeSpan.FromMinutes(1);
        failures.Add("a", 2, window).ShouldBeNull();
        time.Advance(TimeSpan.FromSeconds(59));
        failures.Add("a", 2, window).ShouldBe(window);
        failures.Closed("a", window).ShouldBe(window);
        time.Advance(TimeSpan.FromSeconds(40));
        failures.Add("a", 2, window).ShouldBe(TimeSpan.FromSeconds(20));
        time.Advance(TimeSpan.FromSeconds(20));
        failures.Closed("a", window).ShouldBeNull();
        failures.Add("a", 2, window).ShouldBeNull();
        time.Advance(window);
        failures.Add("a", 2, window).ShouldBeNull();
        failures.Closed("a", window).ShouldBeNull();
    }

    [Fact]
    public void Addresses_beyond_the_room_displace_the_oldest()
    {
        var time = new ManualTime();
        var failures = new FailedAttempts(time);
        var window = TimeSpan.FromHours(1);
        for (var i = 0; i < 3 * FailedAttempts.Room; i++)
        {
            failures.Add(i.ToString(CultureInfo.InvariantCulture), 1, window);
            time.Advance(TimeSpan.FromTicks(1));
            failures.Count.ShouldBeLessThanOrEqualTo(FailedAttempts.Room);
        }

        failures.Count.ShouldBe(FailedAttempts.Room);
        failures.Closed("0", window).ShouldBeNull();
        failures.Closed((3 * FailedAttempts.Room - 1).ToString(CultureInfo.InvariantCulture), window).ShouldNotBeNull();
        time.Advance(window);
        failures.Add("new", 1, window);
        failures.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Keys_are_never_logged()
    {
        var wrong = ApiKey.Create();
        await using var host = await GuardedHost.StartAsync(new(TestKey.Settings(Old)) { ["Admission:Security:Failures:Most"] = "2" });
        await Browser.LogInAsync(host, Old);
        (await host.StatusAsync("/admission/v1/look", key: Old.Text)).ShouldBe(200);
        (await host.StatusAsync("/admission/v1/look", headers: ("X-Api-Key", Old.Text))).ShouldBe(200);
        (await host.StatusAsync("/admission/v1/look", key: wrong)).ShouldBe(401);
        using var refused = await Browser.SubmitAsync(host, wrong);
        (await refused.Content.ReadAsStringAsync()).ShouldNotContain(wrong);
        (await host.StatusAsync("/admission/v1/look", key: wrong)).ShouldBe(429);
        host.Log.All.ShouldContain("Information 2217 'ci' has logged in");
        foreach (var secret in new[] { Old.Text[4..], wrong[4..], ApiKey.HashText(Old.Text) })
        {
            host.Log.All.ShouldNotContain(secret);
        }
    }

    [Fact]
    public void Every_mistake_is_told_at_once_and_none_quotes_a_key()
    {
        var key = ApiKey.Create();
        var mistakes = Read(new()
        {
            ["Keys:0:Name"] = "a", ["Keys:0:Role"] = "viewer", ["Keys:0:Hash"] = key,
            ["Keys:1:Role"] = "Viewer", ["Keys:1:Hash"] = "sha256:12",
            ["Keys:2:Name"] = "c", ["Keys:2:Role"] = "client", ["Keys:2:Hash"] = ApiKey.HashText(key), ["Keys:2:Key"] = "x",
            ["Keys:3:Name"] = "d", ["Keys:3:Hash"] = ApiKey.HashText(key),
            ["Hosts"] = "localhost, http://x", ["Session"] = "1s", ["Jwt:Authority"] = "http://issuer.example",
        });
        mistakes.Count.ShouldBe(11, string.Join('\n', mistakes));
        var all = string.Join('\n', mistakes);
        all.ShouldNotContain(key[4..]);
        all.ShouldContain("Keys:0:Hash: this is a key, and now whoever can read the configuration has it.");
        all.ShouldContain("Keys:1:Name: missing");
        all.ShouldContain("Keys:1:Hash: not understood");
        all.ShouldContain("Keys:2:Tenant: missing");
        all.ShouldContain("Keys:2:Key: there is no such setting.");
        all.ShouldContain("Keys:3:Role: missing");
        all.ShouldContain("Keys:3:Hash: another key has the same.");
        all.ShouldContain("Hosts: 'http://x'");
        all.ShouldContain("Session: 00:00:01");
        all.ShouldContain("Jwt:Authority: 'http://issuer.example' is not possible");
        all.ShouldContain("Jwt:Audience: missing");
    }

    [Theory]
    [InlineData("Cluster:Secret", "s3cret-short", null)]
    [InlineData("Cluster:OtherSecret", "s3cret-short", null)]
    [InlineData("Cluster:ConnectionString", "Database=x;Password=s3cret", "Host is missing")]
    [InlineData("Cluster:ConnectionString", "Host=db;Password=s3cret;Prot=5432", "not understood")]
    [InlineData("Cluster:ConnectionString", "Host=db;Password=s3cret;Port=many", "not understood")]
    public void No_mistake_quotes_the_cluster_s_secret_or_the_database_s_password(string key, string value, string? says)
    {
        var settings = new Dictionary<string, string?> { ["Cluster:ConnectionString"] = "Host=db", [key] = value };
        var mistakes = new List<string>();
        ClusterSettingsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), mistakes);
        var mistake = mistakes.ShouldHaveSingleItem();
        mistake.ShouldStartWith(key);
        mistake.ShouldContain(says ?? "too few");
        mistake.ShouldNotContain("s3cret");
    }

    private static List<string> Read(Dictionary<string, string?> settings)
    {
        var mistakes = new List<string>();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(each => $"Admission:Security:{each.Key}", each => each.Value, StringComparer.Ordinal)).Build();
        SecurityReader.Read(new SectionReader(configuration.GetSection(SecurityReader.SectionName), mistakes));
        return mistakes;
    }

    private static string SourceOf(string folder, string file, [System.Runtime.CompilerServices.CallerFilePath] string here = "") =>
        File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "src", "Security", folder, file));
}
