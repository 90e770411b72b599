using System.Diagnostics.Metrics;
using Admission.Telemetry.Prometheus;
using Admission.Telemetry.Tests.Support;

namespace Admission.Telemetry.Tests;

/// <summary>What a scrape gets.</summary>
public sealed class ExpositionTests
{
    private static readonly KeyValuePair<string, object?> One = new("admission.backend", "one");
    private static readonly KeyValuePair<string, object?> Other = new("admission.backend", "other");

    [Fact]
    public async Task A_counter_adds_up_and_ends_with_total()
    {
        using var meters = new TestMeters();
        var counter = meters.Meter.CreateCounter<long>("admission.jobs.stored", "{job}", "Jobs that were stored.");
        counter.Add(2, One);
        counter.Add(3, One);
        counter.Add(1, Other);
        (await meters.LinesAsync("stored")).ShouldBe(
        [
            "# HELP admission_jobs_stored_total Jobs that were stored.", "# TYPE admission_jobs_stored_total counter",
            "admission_jobs_stored_total{admission_backend=\"one\"} 5", "admission_jobs_stored_total{admission_backend=\"other\"} 1",
        ]);
        (await meters.LinesAsync("stored", ExpositionFormat.OpenMetrics))[..2].ShouldBe(["# HELP admission_jobs_stored Jobs that were stored.", "# TYPE admission_jobs_stored counter"]);
    }

    [Fact]
    public async Task A_histogram_counts_what_is_at_most_its_bound()
    {
        using var meters = new TestMeters();
        var times = meters.Meter.CreateHistogram("wait", "s", "Waits.", tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 1] });
        foreach (var wait in new[] { 0.25, 0.5, 0.75, 1, 4 })
        {
            times.Record(wait, One);
        }

        (await meters.LinesAsync("wait_seconds")).ShouldBe(
        [
            "# HELP wait_seconds Waits.", "# TYPE wait_seconds histogram",
            "wait_seconds_bucket{admission_backend=\"one\",le=\"0.5\"} 2", "wait_seconds_bucket{admission_backend=\"one\",le=\"1\"} 4",
            "wait_seconds_bucket{admission_backend=\"one\",le=\"+Inf\"} 5", "wait_seconds_sum{admission_backend=\"one\"} 6.5", "wait_seconds_count{admission_backend=\"one\"} 5",
        ]);
        var open = await meters.LinesAsync("wait_seconds", ExpositionFormat.OpenMetrics);
        open.ShouldContain("# UNIT wait_seconds seconds");
        open.ShouldContain("wait_seconds_bucket{admission_backend=\"one\",le=\"1.0\"} 4");
    }

    [Fact]
    public async Task What_an_observable_instrument_tells_no_more_is_gone()
    {
        using var meters = new TestMeters();
        List<Measurement<long>> told = [new(3, One), new(4, Other)];
        meters.Meter.CreateObservableUpDownCounter("limit", () => told);
        (await meters.LinesAsync("limit")).ShouldContain("limit{admission_backend=\"one\"} 3");
        told.RemoveAt(0);
        (await meters.LinesAsync("limit")).ShouldBe(["# HELP limit ", "# TYPE limit gauge", "limit{admission_backend=\"other\"} 4"]);
        told.Clear();
        (await meters.LinesAsync("limit")).ShouldBeEmpty("a family without rows is not shown");
    }

    [Fact]
    public async Task An_observable_counter_tells_its_sum_each_time()
    {
        using var meters = new TestMeters();
        var sum = 5.5;
        meters.Meter.CreateObservableCounter("detached.time", () => sum, "s");
        (await meters.LinesAsync("detached")).ShouldContain("detached_time_seconds_total 5.5");
        (await meters.LinesAsync("detached")).ShouldContain("detached_time_seconds_total 5.5");
        sum = 7;
        (await meters.LinesAsync("detached")).ShouldContain("detached_time_seconds_total 7");
    }

    [Fact]
    public async Task One_instrument_that_fails_hides_no_other()
    {
        using var meters = new TestMeters();
        var fails = true;
        meters.Meter.CreateObservableGauge("broken", () => fails ? throw new InvalidOperationException("The test wants it so.") : 1);
        meters.Meter.CreateObservableGauge("whole", () => 2);
        (await meters.LinesAsync("whole")).ShouldContain("whole 2");
        (await meters.LinesAsync("broken")).ShouldBeEmpty();
        fails = false;
        (await meters.LinesAsync("broken")).ShouldContain("broken 1");
    }

    [Fact]
    public async Task Changes_add_up_and_a_gauge_has_its_last_value()
    {
        using var meters = new TestMeters();
        var changes = meters.Meter.CreateUpDownCounter<int>("in.use");
        changes.Add(5);
        changes.Add(-2);
        var gauge = meters.Meter.CreateGauge<double>("share", "1");
        gauge.Record(0.5);
        gauge.Record(0.25);
        (await meters.TextAsync()).ShouldContain("in_use 3\n");
        (await meters.TextAsync()).ShouldContain("share_ratio 0.25\n");
    }

    [Theory]
    [InlineData("a\\b", "a\\\\b")]
    [InlineData("a\"b", "a\\\"b")]
    [InlineData("a\nb", "a\\nb")]
    [InlineData("größer {x}", "größer {x}")]
    public async Task What_would_end_a_value_is_escaped(string value, string written)
    {
        using var meters = new TestMeters();
        meters.Meter.CreateCounter<long>("escaped", description: "With \\ and \n in it.").Add(1, new KeyValuePair<string, object?>("name", value));
        var text = await meters.TextAsync();
        text.ShouldContain($"escaped_total{{name=\"{written}\"}} 1\n");
        text.ShouldContain("# HELP escaped_total With \\\\ and \\n in it.\n");
    }

    [Fact]
    public async Task The_order_of_attributes_makes_no_second_row()
    {
        using var meters = new TestMeters();
        var counter = meters.Meter.CreateCounter<long>("ordered");
        counter.Add(1, new("b", 1), new("a", true));
        counter.Add(1, new("a", true), new("b", 1));
        (await meters.LinesAsync("ordered")).ShouldContain("ordered_total{a=\"True\",b=\"1\"} 2");
    }

    [Fact]
    public async Task A_name_that_two_instruments_come_to_is_shown_once()
    {
        using var meters = new TestMeters();
        meters.Meter.CreateCounter<long>("one.name").Add(1);
        meters.Meter.CreateCounter<long>("one_name").Add(5);
        (await meters.LinesAsync("one_name")).ShouldBe(["# HELP one_name_total ", "# TYPE one_name_total counter", "one_name_total 1"]);
    }

    [Fact]
    public void Beyond_its_bound_an_instrument_has_one_row_more()
    {
        using var meters = new TestMeters();
        var family = new Family(meters.Meter.CreateCounter<long>("many"), mostSeries: 3);
        for (var i = 0; i < 10; i++)
        {
            family.Take(1, [new("name", i)]);
        }

        var rows = new List<(string, double)>();
        family.Read(row => rows.Add((row.Labels, row.Value)));
        rows.ShouldBe([("name=\"0\"", 1), ("name=\"1\"", 1), ("name=\"2\"", 1), ("otel_metric_overflow=\"true\"", 7)]);
    }

    [Fact]
    public void A_measurement_of_a_known_row_allocates_nothing()
    {
        using var meters = new TestMeters();
        var times = meters.Meter.CreateHistogram<double>("wait", "s");
        for (var i = 0; i < 100; i++)
        {
            times.Record(i, One, new("admission.outcome", "admitted"), new("admission.priority", "normal"));
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            times.Record(i, One, new("admission.outcome", "admitted"), new("admission.priority", "normal"));
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1000, "not one object for each");
    }

    [Fact]
    public async Task Meters_of_others_are_not_shown_unless_asked_for()
    {
        using var meters = new TestMeters("Somebody");
        using var other = new TestMeters();
        using var asked = new Meter("Somebody");
        using var stranger = new Meter("Stranger");
        other.Meter.CreateCounter<long>("of.another.host").Add(1);
        asked.CreateCounter<long>("asked.for").Add(1);
        stranger.CreateCounter<long>("of.a.stranger").Add(1);
        var text = await meters.TextAsync();
        text.ShouldContain("asked_for_total 1");
        text.ShouldNotContain("another_host");
        text.ShouldNotContain("stranger");
    }

    [Theory]
    [InlineData("admission.wait.duration", "s", "histogram", "admission_wait_duration_seconds")]
    [InlineData("admission.requests", "{request}", "counter", "admission_requests_total")]
    [InlineData("already.total", "", "counter", "already_total")]
    [InlineData("buffer.usage", "By", "gauge", "buffer_usage_bytes")]
    [InlineData("speed", "By/s", "gauge", "speed_bytes_per_second")]
    [InlineData("process.cpu.seconds", "s", "gauge", "process_cpu_seconds")]
    [InlineData("2nd try!!", "1", "gauge", "_2nd_try_ratio")]
    public void Names_follow_the_rules_of_OpenTelemetry(string name, string unit, string kind, string expected)
    {
        var family = Enum.Parse<FamilyKind>(kind, ignoreCase: true);
        PrometheusName.Sample(PrometheusName.Of(name, unit, family).Name, family).ShouldBe(expected);
    }

    [Theory]
    [InlineData(null, "Text")]
    [InlineData("*/*", "Text")]
    [InlineData("text/plain", "Text")]
    [InlineData("application/openmetrics-text", "OpenMetrics")]
    [InlineData("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", "OpenMetrics")]
    [InlineData("application/openmetrics-text;version=0.0.1,text/plain;version=0.0.4;q=0.5", "Text")]
    [InlineData("application/openmetrics-text;version=1.0.0;q=0.2,text/plain;version=0.0.4;q=0.5", "Text")]
    [InlineData("application/openmetrics-text; version=\"1.0.0\"", "OpenMetrics")]
    [InlineData("not a type;;;", "Text")]
    public void The_scraper_chooses_the_format(string? accept, string expected) => ExpositionFormats.Choose(accept).ToString().ShouldBe(expected);

    [SkippableFact]
    public async Task Prometheus_own_check_finds_nothing_wrong()
    {
        Promtool.Need();
        using var meters = new TestMeters();
        meters.Meter.CreateCounter<long>("admission.requests", "{request}", "Requests.").Add(1, One);
        meters.Meter.CreateHistogram<double>("admission.wait.duration", "s", "Waits.").Record(0.1, Other);
        meters.Meter.CreateObservableGauge("admission.ledger.epoch", () => 7, description: "The \"epoch\".");
        var (code, output) = await Promtool.RunAsync(await meters.TextAsync(), "check", "metrics");
        code.ShouldBe(0, output);
        output.Trim().ShouldBeEmpty();
    }

    [Fact]
    public async Task OpenMetrics_ends_with_its_mark()
    {
        using var meters = new TestMeters();
        var text = await meters.TextAsync(ExpositionFormat.OpenMetrics);
        text.ShouldStartWith("# HELP target The process.\n# TYPE target info\ntarget_info{service_name=\"test\"} 1\n");
        text.ShouldEndWith("\n# EOF\n");
    }
}
