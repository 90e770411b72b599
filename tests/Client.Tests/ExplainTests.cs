using Admission.Capacity;

namespace Admission.Client.Tests;

public sealed class ExplainTests
{
    [Fact]
    public async Task Any_process_explains_what_another_was_refused()
    {
        await using var cluster = await TestCluster.StartAsync();
        var one = await cluster.ClientAsync("b", new BackendPolicy { Limit = 1 });
        var other = await cluster.ClientAsync("b", new BackendPolicy { Limit = 1 });
        var held = await one.AcquireAsync("b");
        held.IsAdmitted.ShouldBeTrue();
        // It has never asked before, so its ledger refuses it.
        var refused = await other.AcquireAsync("b", new AdmissionRequest { Tenant = "acme" });
        refused.Refusal!.Reason.ShouldBe(RefusalReason.AtCapacity);
        var ticket = refused.NameTicket(new AdmissionRequest { Tenant = "acme" });

        var explained = await one.ExplainAsync("b", ticket);
        explained!.Source.ShouldBe(ExplanationSource.Record);
        explained.Record!.Reason.ShouldBe(RefusalReason.AtCapacity);
        explained.Record.Tenant.ShouldBe("acme");
        explained.Record.Grounds.Occupancy.InUse.ShouldBe(1);
        (await one.DecisionsAsync("b"))!.Decisions.ShouldContain(record => record.Ticket == ticket.ToString());

        // What a process refuses by itself, by a notice.
        foreach (var outcome in new[] { await other.AcquireAsync("b"), await other.AcquireAsync("b") })
        {
            var name = outcome.NameTicket(default);
            var told = (await one.ExplainAsync("b", name))!;
            (told.Record?.Reason ?? name.Reason).ShouldBe(RefusalReason.AtCapacity);
            told.Source.ShouldNotBe(ExplanationSource.Unknown);
        }

        held.Permit.Dispose();
        (await other.ExplainAsync("nowhere", ticket)).ShouldBeNull();
        (await other.DecisionsAsync("nowhere")).ShouldBeNull();
        (await other.AcquireAsync("nowhere")).NameTicket(default).IsNone.ShouldBeTrue("nobody could explain it");
    }
}
