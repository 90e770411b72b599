using Admission.Capacity;
using Admission.Frontend.Configuration;
using Admission.Frontend.Tests.Support;

namespace Admission.Frontend.Tests.Profiles;

/// <summary>The numbers of docs/profiles.md.</summary>
public sealed class ProfileTests
{
    [Theory]
    [InlineData("""{ "Server": "gunicorn" }""", 1)]
    [InlineData("""{ "Server": "gunicorn", "Workers": 4 }""", 4)]
    [InlineData("""{ "Server": "gunicorn", "Workers": 4, "WorkerClass": "sync", "Threads": 2 }""", 8)]
    [InlineData("""{ "Server": "gunicorn", "Workers": 4, "WorkerClass": "gthread", "Threads": 8 }""", 32)]
    [InlineData("""{ "Server": "gunicorn", "Workers": 4, "WorkerClass": "gthread" }""", 4)]
    [InlineData("""{ "Server": "gunicorn", "Workers": 4, "WorkerClass": "gthread", "Threads": 8, "WorkerConnections": 5 }""", 20)]
    [InlineData("""{ "Server": "gunicorn", "Workers": 4, "WorkerClass": "gevent" }""", 4_000)]
    [InlineData("""{ "Server": "gunicorn", "Workers": 2, "WorkerClass": "eventlet", "WorkerConnections": 50 }""", 100)]
    [InlineData("""{ "Server": "gunicorn", "Workers": 4, "WorkerClass": "uvicorn", "LimitConcurrency": 21 }""", 80)]
    [InlineData("""{ "Server": "uvicorn", "LimitConcurrency": 101 }""", 100)]
    [InlineData("""{ "Server": "uvicorn", "Workers": 4, "LimitConcurrency": 33 }""", 128)]
    [InlineData("""{ "Server": "mysql" }""", 141)]
    [InlineData("""{ "Server": "mysql", "MaxConnections": 500, "Reserve": 50, "ConnectionsPerRequest": 4 }""", 112)]
    [InlineData("""{ "Server": "postgres" }""", 87)]
    [InlineData("""{ "Server": "postgres", "MaxConnections": 200, "ReservedConnections": 5, "Reserve": 12, "ConnectionsPerRequest": 2 }""", 90)]
    [InlineData("""{ "Server": "vllm", "MaxNumSeqs": 256 }""", 256)]
    [InlineData("""{ "Server": "vllm", "MaxNumSeqs": 128, "DataParallelSize": 4 }""", 512)]
    public void The_limit_follows_from_the_servers_own_numbers(string profile, int limit)
    {
        var (backend, errors) = Read($$"""{ "Profile": {{profile}} }""");
        errors.ShouldBeEmpty();
        backend.Policy.Limit.ShouldBe(limit);
        backend.Policy.Destinations.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("gunicorn,workers=4,threads=2", 8)]
    [InlineData("gunicorn, workers=4, worker-class=gthread, threads=8", 32)]
    [InlineData("uvicorn,limit_concurrency=101", 100)]
    [InlineData("vllm,max-num-seqs=256", 256)]
    [InlineData("postgres", 87)]
    public void A_profile_can_be_one_text(string profile, int limit)
    {
        var (backend, errors) = Read($$"""{ "Profile": "{{profile}}" }""");
        errors.ShouldBeEmpty();
        backend.Policy.Limit.ShouldBe(limit);
    }

    [Fact]
    public void Each_of_several_destinations_is_such_a_server()
    {
        var (backend, errors) = Read("""{ "Profile": "gunicorn,workers=4" }""", "a", "b");
        errors.ShouldBeEmpty();
        backend.Policy.Limit.ShouldBeNull();
        backend.Policy.Destinations.ShouldBe([new DestinationLimit("a", 4), new DestinationLimit("b", 4)], ignoreOrder: true);
        backend.Policy.TotalLimit.ShouldBe(8);
        backend.LimitRule.ShouldBe("8, by the profile (at 2 destinations, each gunicorn, 4 sync workers)");
    }

    [Theory]
    [InlineData("gunicorn", "1, by the profile (gunicorn, 1 sync worker)")]
    [InlineData("gunicorn,workers=2,threads=3", "6, by the profile (gunicorn, 2 gthread workers x 3 threads)")]
    [InlineData("gunicorn,workers=2,worker_class=gevent,worker_connections=50", "100, by the profile (gunicorn, 2 gevent workers x 50 connections)")]
    [InlineData("uvicorn,limit_concurrency=101", "100, by the profile (uvicorn, 1 worker x (101 - 1))")]
    [InlineData("vllm,max_num_seqs=8", "8, by the profile (vllm, 8 sequences x 1 engine)")]
    public void Says_how_the_limit_came_about(string profile, string rule) => Read($$"""{ "Profile": "{{profile}}" }""").Backend.LimitRule.ShouldBe(rule);

    [Fact]
    public void A_database_is_behind_all_of_them()
    {
        var (backend, errors) = Read("""{ "Profile": "mysql" }""", "a", "b");
        errors.ShouldBeEmpty();
        backend.Policy.Limit.ShouldBe(141);
        backend.Policy.Destinations.ShouldBeEmpty();
        backend.LimitRule.ShouldBe("141, by the profile (mysql, max_connections 151 - 10 in reserve)");
    }

    [Fact]
    public void A_lower_limit_beside_the_profile_holds()
    {
        var (one, errors) = Read("""{ "Profile": "gunicorn,workers=4", "Limit": 3 }""");
        errors.ShouldBeEmpty();
        one.Policy.TotalLimit.ShouldBe(3);
        one.LimitRule.ShouldBe("3, by Limit, which is lower than the 4 of the profile (gunicorn, 4 sync workers)");
        (one, errors) = Read("""{ "Profile": "gunicorn,workers=4", "Limit": { "b": 2 } }""", "a", "b", "c");
        errors.ShouldBeEmpty();
        one.Policy.Destinations.ShouldBe([new DestinationLimit("a", 4), new DestinationLimit("b", 2), new DestinationLimit("c", 4)], ignoreOrder: true);
        (one, errors) = Read("""{ "Profile": "mysql", "DestinationLimit": 100 }""", "a", "b");
        errors.ShouldBeEmpty();
        one.Policy.TotalLimit.ShouldBe(141);
    }

    [Theory]
    [InlineData("""{ "Server": "gunicorn", "Timeout": "30s" }""", 33)]
    [InlineData("""{ "Server": "gunicorn" }""", 33)]
    [InlineData("""{ "Server": "gunicorn", "Timeout": "2m" }""", 123)]
    [InlineData("""{ "Server": "gunicorn", "Threads": 2 }""", 60)]
    [InlineData("""{ "Server": "vllm", "MaxNumSeqs": 8 }""", 60)]
    public void A_sync_worker_of_gunicorn_ends_what_it_runs(string profile, int seconds)
    {
        Read($$"""{ "Profile": {{profile}} }""").Backend.Policy.RunTimeout.ShouldBe(TimeSpan.FromSeconds(seconds));
        Read($$"""{ "Profile": {{profile}}, "RunTimeout": "5m" }""").Backend.Policy.RunTimeout.ShouldBe(TimeSpan.FromMinutes(5));
    }

    [Theory]
    [InlineData("""{ "Profile": "gunicorn,workers=4", "Limit": 5 }""", "Limit: 5 is not lower than the 4 of the Profile (gunicorn, 4 sync workers). Leave it out, give less, or correct the Profile.")]
    [InlineData("""{ "Profile": "gunicorn,workers=4", "Limit": 4 }""", "Limit: 4 is not lower than the 4 of the Profile (gunicorn, 4 sync workers).*")]
    [InlineData("""{ "Profile": "gunicorn,workers=4", "DestinationLimit": 9 }""", "DestinationLimit: 9 is not lower than the 4 of the Profile*")]
    [InlineData("""{ "Profile": "gunicorn,workers=4", "Limit": { "a": 9 } }""", "Limit:a: 9 is not lower than the 4 of the Profile*")]
    [InlineData("""{ "Profile": {} , "Limit": 1, "Limmit": 1 }""", "Limmit: there is no such setting.*")]
    [InlineData("""{ "Profile": { "Workers": 4 } }""", "Profile:Server: missing. Choose gunicorn, uvicorn, mysql, postgres or vllm.")]
    [InlineData("""{ "Profile": "guncorn" }""", "Profile:Server: 'guncorn' is not possible. Choose gunicorn or uvicorn or mysql or postgres or vllm. Did you mean 'gunicorn'?")]
    [InlineData("""{ "Profile": "gunicorn,wrokers=4" }""", "Profile:wrokers: there is no such setting. Did you mean 'Workers'?*")]
    [InlineData("""{ "Profile": "gunicorn,workers=" }""", "Profile: 'workers=' is not understood. Write one such as gunicorn,workers=4,threads=2.")]
    [InlineData("""{ "Profile": "gunicorn,workers=4,workers=5" }""", "Profile: 'workers' is given twice. Write one such as gunicorn,workers=4,threads=2.")]
    [InlineData("""{ "Profile": "gunicorn,workers=0" }""", "Profile:Workers: 0 is not possible. Give a whole number from 1 to 10000.")]
    [InlineData("""{ "Profile": "gunicorn,worker_class=tornado" }""", "Profile:WorkerClass: 'tornado' is not possible. Choose sync or gthread or gevent or eventlet or uvicorn.")]
    [InlineData("""{ "Profile": "gunicorn,worker_class=gevent,threads=2" }""", "Profile:Threads: workers of class gevent do not use it. Leave it out, or choose gthread.")]
    [InlineData("""{ "Profile": "gunicorn,worker_connections=100" }""", "Profile:WorkerConnections: workers of class sync do not use it. Leave it out, or choose another WorkerClass.")]
    [InlineData("""{ "Profile": "gunicorn,timeout=0s" }""", "Profile:Timeout: 0 lets a request run for ever. Give the backend a RunTimeout in which its requests certainly end.")]
    [InlineData("""{ "Profile": "gunicorn,workers=10000,worker_class=gevent" }""", "Profile: 10000000 requests at once (gunicorn, 10000 gevent workers x 1000 connections) are not possible: a limit is at most 1000000.")]
    [InlineData("""{ "Profile": "uvicorn" }""", "Profile:LimitConcurrency: missing: without it uvicorn takes any number of requests at once.*")]
    [InlineData("""{ "Profile": "uvicorn,limit_concurrency=1" }""", "Profile:LimitConcurrency: 1 is not possible. Give a whole number from 2 to 1000000.")]
    [InlineData("""{ "Profile": "vllm" }""", "Profile:MaxNumSeqs: missing: vLLM's own default depends on its version and on the hardware. Give vLLM's --max-num-seqs.")]
    [InlineData("""{ "Profile": "mysql,max_connections=10" }""", "Profile: of 10 connections none is left for requests (max_connections 10 - 10 in reserve, 1 for each request). Lower Reserve, or raise max_connections.")]
    public void Names_the_mistake_and_the_remedy(string backend, string expected)
    {
        var (_, errors) = Read(backend);
        var full = $"Admission:Backends:model:{expected}";
        errors.ShouldHaveSingleItem(string.Join('\n', errors)).ShouldSatisfyAllConditions(
            error => (full.EndsWith('*') ? error.StartsWith(full.TrimEnd('*'), StringComparison.Ordinal) : error == full).ShouldBeTrue(error));
    }

    private static (BackendSettings Backend, List<string> Errors) Read(string backend, params string[] destinations) =>
        TestRoute.Read(backend, metadata: null, destinations);
}
