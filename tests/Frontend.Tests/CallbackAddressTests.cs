using Admission.Frontend.Deferring;
using Admission.Jobs;

namespace Admission.Frontend.Tests;

/// <summary>Whom a job's callback may reach.</summary>
public class CallbackAddressTests
{
    [Theory]
    [InlineData("https://hooks.example/jobs/42", true)]
    [InlineData("https://HOOKS.example/jobs/a/../42?x=1", true)]
    [InlineData("https://hooks.example/jobs/../admin", false)]
    [InlineData("https://hooks.example/jobs/%2e%2e/admin", false)]
    [InlineData("https://hooks.example/other", false)]
    [InlineData("http://hooks.example/jobs/42", false)]
    [InlineData("https://hooks.example:444/jobs/42", false)]
    [InlineData("https://hooks.example.evil.example/jobs/42", false)]
    [InlineData("https://hooks.example@evil.example/jobs/42", false)]
    [InlineData("https://user@hooks.example/jobs/42", false)]
    [InlineData("http://169.254.169.254/latest/", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("/jobs/42", false)]
    public void Only_addresses_on_the_list_may_be_told(string address, bool allowed) =>
        JobCallbacks.IsAllowed(new JobPolicy { Callbacks = ["https://hooks.example/jobs/"] }, address).ShouldBe(allowed);
}
