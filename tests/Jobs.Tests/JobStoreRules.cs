using System.Text;
using Admission.Jobs.Running;
using Admission.Jobs.Tests.Support;

namespace Admission.Jobs.Tests;

/// <summary>What every store of jobs keeps to.</summary>
public abstract class JobStoreRules
{
    private protected abstract JobStores Create();

    [SkippableFact]
    public async Task A_stored_job_is_taken_up_once_with_all_that_was_stored()
    {
        await using var stores = Create();
        var store = await stores.OpenAsync();
        var job = await Make.AddAsync(store, Make.Job("acme"));

        var claim = await Make.ClaimOneAsync(store);
        (claim.Id, claim.Tenant, claim.Attempts, claim.Fence).ShouldBe((job.Id, "acme", 0, 1));
        Encoding.UTF8.GetString(claim.Body).ShouldBe("the body");
        var request = StoredRequest.Parse(claim.Request);
        (request.Method, request.Path, request.Query, request.Route).ShouldBe(("POST", "/work", "?n=1", "all"));
        request.Headers["X-One"].ShouldBe(["1", "2"]);
        (await Make.ClaimAsync(store)).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task A_result_is_there_with_status_headers_and_body()
    {
        await using var stores = Create();
        var store = await stores.OpenAsync();
        var job = await Make.AddAsync(store);
        (await Make.FinishAsync(store, await Make.ClaimOneAsync(store), Make.Done())).ShouldBeTrue();

        var found = await Make.FindAsync(store, job.Id);
        (found.State, found.Attempts, found.ResultStatus).ShouldBe((JobState.Done, 1, 200));
        JobAttempt.Parse(found.History).ShouldHaveSingleItem().Status.ShouldBe(200);
        var result = (await store.ResultAsync(job.Id, CancellationToken.None)).ShouldNotBeNull();
        (result.Status, Encoding.UTF8.GetString(result.Body)).ShouldBe((200, "the answer"));
        result.Headers["Content-Type"].ShouldBe(["text/plain"]);
    }

    [SkippableFact]
    public async Task Many_at_once_are_all_stored_and_each_is_taken_up_by_one()
    {
        await using var stores = Create();
        var store = await stores.OpenAsync();
        var jobs = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => Make.AddAsync(store)));

        var claims = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => Make.ClaimAsync(store, 10)));
        var taken = claims.SelectMany(each => each).Concat(await Make.ClaimAsync(store, 300)).Select(claim => claim.Id).ToList();
        taken.Order().ShouldBe(jobs.Select(job => job.Id).Order());
    }

    [SkippableFact]
    public async Task Tenants_take_turns_and_each_has_its_oldest_first()
    {
        await using var stores = Create();
        var store = await stores.OpenAsync();
        var busy = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            busy.Add((await Make.AddAsync(store, Make.Job("busy"))).Id);
        }

        var other = await Make.AddAsync(store, Make.Job("other"));
        var nobody = await Make.AddAsync(store);

        (await Make.ClaimAsync(store, 3)).Select(claim => claim.Id).ShouldBe([nobody.Id, busy[0], other.Id]);
        (await Make.ClaimAsync(store, 2, after: "other")).Select(claim => claim.Id).ShouldBe(busy[1..3]);

        // The turn goes on after the tenant that had it last, and begins again at the end.
        var late = await Make.AddAsync(store, Make.Job("other"));
        (await Make.ClaimAsync(store, 1, after: "busy")).ShouldHaveSingleItem().Id.ShouldBe(late.Id);
        (await Make.ClaimAsync(store, 1, after: "other")).ShouldHaveSingleItem().Id.ShouldBe(busy[3]);
    }

    [SkippableFact]
    public async Task A_claim_that_has_run_out_goes_to_another_and_only_that_one_records()
    {
        await using var stores = Create();
        var store = await stores.OpenAsync();
        var job = await Make.AddAsync(store);
        var old = await Make.ClaimOneAsync(store);
        (await Make.MarkAsync(store, old)).ShouldBeTrue();
        await stores.PassAsync(Make.Ttl - TimeSpan.FromSeconds(5));
        await store.TendAsync(CancellationToken.None);
        (await Make.ClaimAsync(store)).ShouldBeEmpty();

        await stores.PassAsync(TimeSpan.FromSeconds(6));
        await store.TendAsync(CancellationToken.None);
        var next = await Make.ClaimOneAsync(store);
        (next.Id, next.Attempts).ShouldBe((job.Id, 1));
        next.Fence.ShouldBeGreaterThan(old.Fence);
        (await Make.MarkAsync(store, old)).ShouldBeFalse("what is another's is not sent");

        (await Make.FinishAsync(store, old, Make.Done("of the old"))).ShouldBeFalse();
        (await store.RenewAsync([(old, Make.Ttl), (next, Make.Ttl)], CancellationToken.None)).ShouldBe([false, true]);
        (await Make.FinishAsync(store, next, Make.Done("of the new"))).ShouldBeTrue();
        (await Make.FinishAsync(store, old, Make.Done("of the old"))).ShouldBeFalse();
        Encoding.UTF8.GetString((await store.ResultAsync(job.Id, CancellationToken.None))!.Body).ShouldBe("of the new");
        JobAttempt.Parse((await Make.FindAsync(store, job.Id)).History).Select(attempt => attempt.Reason).ShouldBe([JobReasons.GatewayLost, null]);
    }

    [SkippableFact]
    public async Task A_result_is_recorded_once_however_often_it_is_said()
    {
        await using var stores = Create();
        var store = await stores.OpenAsync();
        var job = await Make.AddAsync(store);
        var claim = await Make.ClaimOneAsync(store);

        (await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Make.FinishAsync(store, claim, Make.Done())))).ShouldAllBe(recorded => recorded);
        (await Make.FindAsync(store, job.Id)).Attempts.ShouldBe(1);
    }

    [SkippableFact]
    public async Task A_renewed_claim_does_not_run_out()
    {
        await using var stores = Create();
        var store = await stores.OpenAsync();
        await Make.AddAsync(store);
        var claim = await Make.ClaimOneAsync(store);
        for (var i = 0; i < 3; i++)
        {
            await stores.PassAsync(Make.Ttl * 0.8);
            (await store.RenewAsync([(claim, Make.Ttl)], CancellationToken.None)).ShouldBe([true]);
            await store.TendAsync(CancellationToken.None);
        }

        (await Make.FinishAsync(store, claim, Make.Done())).ShouldBeTrue();
    }

    [SkippableFact]
    public async Task A_delayed_job_is_taken_up_when_it_is_due_with_its_attempts()
    {
        await using var stores = Create();
        var store = await stores.OpenAsync();
        var job = await Make.AddAsync(store);
        (await Make.FinishAsync(store, await Make.ClaimOneAsync(store), Make.Delayed(TimeSpan.FromSeconds(20)))).ShouldBeTrue();
        await store.TendAsync(CancellationToken.None);
        (await Make.StateAsync(store, job.Id)).ShouldBe(JobState.Delayed);
        (await Make.ClaimAsync(store)).ShouldBeEmpty();

        await stores.PassAsync(TimeSpan.FromSeconds(21));
        await store.TendAsync(CancellationToken.None);
        (await Make.ClaimOneAsync(store)).Attempts.ShouldBe(1);
        JobAttempt.Parse((await Make.FindAsync(store, job.Id)).History).ShouldHaveSingleItem().Reason.ShouldBe("status-503");
    }

    [SkippableFact]
    public async Task A_claim_that_is_given_back_is_no_attempt()
    {
        await using var stores = Create();
        var store = await stores.OpenAsync();
        await Make.AddAsync(store);
        (await Make.FinishAsync(store, await Make.ClaimOneAsync(store), new JobEnd(JobState.Queued, TimeSpan.Zero))).ShouldBeTrue();
        (await Make.ClaimOneAsync(store)).Attempts.ShouldBe(0);
    }

    [SkippableFact]
    public async Task A_dead_letter_keeps_its_last_failure_and_can_be_queued_again()
    {
        await using var stores = Create();
        var store = await stores.OpenAsync();
        var job = await Make.AddAsync(store);
        (await store.RetryAsync(job.Id, Make.Ttl, CancellationToken.None)).ShouldBeFalse();
        await Make.FinishAsync(store, await Make.ClaimOneAsync(store), Make.Dead());
        (await store.ResultAsync(job.Id, CancellationToken.None))!.Status.ShouldBe(502);

        (await store.RetryAsync(job.Id, Make.Ttl, CancellationToken.None)).ShouldBeTrue();
        (await store.ResultAsync(job.Id, CancellationToken.None)).ShouldBeNull();
        var again = await Make.ClaimOneAsync(store);
        (again.Id, again.Attempts, Encoding.UTF8.GetString(again.Body)).ShouldBe((job.Id, 0, "the body"));
    }

    [SkippableFact]
    public async Task A_cancelled_job_is_not_taken_up_and_what_runs_is_not_recorded()
    {
        await using var stores = Create();
        var store = await stores.OpenAsync();
        var running = await Make.AddAsync(store);
        var claim = await Make.ClaimOneAsync(store);
        var queued = await Make.AddAsync(store);
        foreach (var job in new[] { running, queued })
        {
            (await store.CancelAsync(job.Id, Make.Ttl, CancellationToken.None)).ShouldBeTrue();
            (await store.CancelAsync(job.Id, Make.Ttl, CancellationToken.None)).ShouldBeFalse();
            (await Make.StateAsync(store, job.Id)).ShouldBe(JobState.Cancelled);
        }

        (await Make.ClaimAsync(store)).ShouldBeEmpty();
        (await store.RenewAsync([(claim, Make.Ttl)], CancellationToken.None)).ShouldBe([false]);
        (await Make.FinishAsync(store, claim, Make.Done())).ShouldBeFalse();
    }

    [SkippableFact]
    public async Task A_key_stands_for_one_request_of_a_tenant()
    {
        await using var stores = Create();
        var store = await stores.OpenAsync();
        var job = await Make.AddAsync(store, Make.Job("acme", "key-1"));

        (await store.AcceptAsync(Make.Job("acme", "key-1"), CancellationToken.None)).ShouldBe(new Acceptance(AcceptOutcome.Known, job.Id));
        (await store.AcceptAsync(Make.Job("acme", "key-1", "another"), CancellationToken.None)).ShouldBe(new Acceptance(AcceptOutcome.KeyReused, job.Id));
        (await store.FindKeyAsync("model", "acme", "key-1", CancellationToken.None))!.Value.Id.ShouldBe(job.Id);
        (await store.FindKeyAsync("model", "other", "key-1", CancellationToken.None)).ShouldBeNull();
        await Make.AddAsync(store, Make.Job("other", "key-1"));

        // Also where they come at the same moment.
        var together = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => store.AcceptAsync(Make.Job("acme", "key-2"), CancellationToken.None)));
        together.Count(each => each.Outcome == AcceptOutcome.Stored).ShouldBe(1);
        together.Select(each => each.Id).Distinct().Count().ShouldBe(1);
    }

    [SkippableFact]
    public async Task Beyond_its_bounds_nothing_is_stored()
    {
        await using var stores = Create();
        var store = await stores.OpenAsync();
        var few = new JobPolicy { Capacity = 3 };
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => store.AcceptAsync(Make.Job(policy: few), CancellationToken.None)));
        answers.Count(each => each.Outcome == AcceptOutcome.Stored).ShouldBe(3);
        answers.Count(each => each.Outcome == AcceptOutcome.Full).ShouldBe(7);

        var small = new JobPolicy { MaxStored = 4000 };
        var large = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => store.AcceptAsync(Make.Job(policy: small, backend: "other", body: new string('x', 1000)), CancellationToken.None)));
        large.Count(each => each.Outcome == AcceptOutcome.Stored).ShouldBe(2);
        large.Count(each => each.Outcome == AcceptOutcome.StoreFull).ShouldBe(2);
    }

    [SkippableFact]
    public async Task What_expires_is_a_dead_letter_with_a_result_and_goes_in_the_end()
    {
        await using var stores = Create();
        var store = await stores.OpenAsync();
        var job = await Make.AddAsync(store, Make.Job(policy: new JobPolicy { Ttl = TimeSpan.FromMinutes(1) }));
        await stores.PassAsync(TimeSpan.FromMinutes(2));
        await store.TendAsync(CancellationToken.None);
        (await Make.StateAsync(store, job.Id)).ShouldBe(JobState.Dead);
        (await store.ResultAsync(job.Id, CancellationToken.None))!.Status.ShouldBe(504);

        await stores.PassAsync(JobReasons.KeepExpired + TimeSpan.FromMinutes(1));
        await store.TendAsync(CancellationToken.None);
        (await store.FindAsync(job.Id, CancellationToken.None)).ShouldBeNull();
    }

    [SkippableFact]
    public async Task A_client_is_to_be_told_once_its_job_is_finished_and_until_it_was()
    {
        await using var stores = Create();
        var store = await stores.OpenAsync();
        var job = await Make.AddAsync(store, Make.Job() with { Callback = "https://hooks.example/a" });
        await Make.AddAsync(store);
        foreach (var claim in await Make.ClaimAsync(store, 2))
        {
            (await ClaimCallbacksAsync()).ShouldBeEmpty();
            claim.HasCallback.ShouldBe(claim.Id == job.Id);
            await Make.FinishAsync(store, claim, Make.Done());
            if (claim.HasCallback)
            {
                break;
            }
        }

        var first = (await ClaimCallbacksAsync()).ShouldHaveSingleItem();
        (first.Id, first.Url, first.State, first.Status, first.Tries).ShouldBe((job.Id, "https://hooks.example/a", JobState.Done, 200, 1));
        (await ClaimCallbacksAsync()).ShouldBeEmpty();
        await store.EndCallbackAsync(first, TimeSpan.FromSeconds(10), CancellationToken.None);
        await stores.PassAsync(TimeSpan.FromSeconds(11));
        var second = (await ClaimCallbacksAsync()).ShouldHaveSingleItem();
        second.Tries.ShouldBe(2);

        // Whoever had it before says nothing that counts; a claim that runs out is taken up again.
        await store.EndCallbackAsync(first, null, CancellationToken.None);
        await stores.PassAsync(Make.Ttl * 2);
        var third = (await ClaimCallbacksAsync()).ShouldHaveSingleItem();
        await store.EndCallbackAsync(third, null, CancellationToken.None);
        await stores.PassAsync(Make.Ttl * 2);
        (await ClaimCallbacksAsync()).ShouldBeEmpty();

        Task<IReadOnlyList<JobCallback>> ClaimCallbacksAsync() => store.ClaimCallbacksAsync(10, Make.Ttl, [], CancellationToken.None);
    }

    [SkippableFact]
    public async Task A_place_counts_those_whose_turn_comes_before()
    {
        await using var stores = Create();
        var store = await stores.OpenAsync();
        for (var i = 0; i < 10; i++)
        {
            await Make.AddAsync(store, Make.Job("busy"));
        }

        var first = await Make.AddAsync(store, Make.Job("other"));
        var second = await Make.AddAsync(store, Make.Job("other"));
        (await store.PlaceAsync(await Make.FindAsync(store, first.Id), CancellationToken.None)).ShouldBe(new JobPlace(1, 0));
        (await store.PlaceAsync(await Make.FindAsync(store, second.Id), CancellationToken.None)).ShouldBe(new JobPlace(3, 0));

        var claims = await Make.ClaimAsync(store, 1);
        await Make.FinishAsync(store, claims[0], Make.Done());
        var place = await store.PlaceAsync(await Make.FindAsync(store, second.Id), CancellationToken.None);
        (place.FinishedLately, place.ExpectedStart).ShouldBe((1, TimeSpan.FromMinutes(3)));
    }

    [SkippableFact]
    public async Task Lists_have_filters_and_pages()
    {
        await using var stores = Create();
        var store = await stores.OpenAsync();
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add((await Make.AddAsync(store, Make.Job(i % 2 == 0 ? "even" : "odd"))).Id);
        }

        await store.CancelAsync(ids[1], Make.Ttl, CancellationToken.None);
        var page = await store.ListAsync(new JobFilter { Most = 2 }, CancellationToken.None);
        page.Select(job => job.Id).ShouldBe([ids[4], ids[3]]);
        (await store.ListAsync(new JobFilter { Most = 2, Before = page[^1].Seq }, CancellationToken.None)).Select(job => job.Id).ShouldBe([ids[2], ids[1]]);
        (await store.ListAsync(new JobFilter { Tenant = "odd", State = JobState.Queued }, CancellationToken.None)).Select(job => job.Id).ShouldBe([ids[3]]);
        (await store.ListAsync(new JobFilter { Backend = "none" }, CancellationToken.None)).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task Who_waits_is_woken_by_what_is_stored_and_by_what_is_recorded()
    {
        await using var stores = Create();
        var store = await stores.OpenAsync();
        using var work = store.Signals.ForWork("model");
        var job = await Make.AddAsync(store);
        (await work.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, CancellationToken.None)).ShouldBeTrue();

        using var watch = store.Signals.ForJob(job.Id);
        await Make.FinishAsync(store, await Make.ClaimOneAsync(store), Make.Done());
        (await watch.WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, CancellationToken.None)).ShouldBeTrue();
    }
}
